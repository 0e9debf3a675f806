/** What endpoint.yml and deployment.yml, named on the command line, put into the forms. */
import { sameName } from '../common/same-name.js';
import { azuremlReference } from '../common/model-ref.js';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Deployment } from '../azure/types.js';
import type { DeploymentFile } from '../interop/deployment-file.js';
import { withWholePaths } from '../interop/files-beside.js';
import type { EndpointFile } from '../interop/endpoint-file.js';
import type { CreateEndpoint } from '../rollout/changes/change.js';
import { looksSecret } from '../common/hide-secrets.js';
import { isSecretName } from '../common/secret-names.js';
import { sanitizeLine } from '../common/sanitize.js';
import type { Field } from './form.js';

export interface NamedFile<T> {
  /** As it was typed. */
  path: string;
  file: T;
}

type Pairs = Record<string, string>;

/** Whether `name=value` can be typed among others, and may be seen. */
const isOpen = ([name, value]: [string, string]): boolean =>
  !/[\s,=]/.test(name) &&
  /^[^\s,\p{Cc}]+$/u.test(value) &&
  !isSecretName(name) &&
  !looksSecret(value);

/** Pairs as a field shows them, and those that it can't or must not show. */
export function shownPairs(pairs: Pairs = {}): { text: string; kept: Pairs } {
  const entries = Object.entries(pairs);
  return {
    text: entries
      .filter(isOpen)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    kept: Object.fromEntries(entries.filter((entry) => !isOpen(entry))),
  };
}

/** Said of the pairs that are taken over without being shown. */
export const keptHint = (hint: string, kept: Pairs): string =>
  Object.keys(kept).length === 0 ? hint : `${hint}; also ${Object.keys(kept).join(', ')}`;

/** The endpoint's form as the file says; one more line for what it has no field for. */
export function endpointFieldsOf(
  fields: readonly Field[],
  named: NamedFile<EndpointFile> | undefined,
): Field[] {
  if (!named) return [...fields];
  const { name, spec } = named.file;
  const tags = shownPairs(spec.tags);
  const values: Pairs = {
    ...(name !== undefined && { name }),
    authMode: spec.authMode,
    identity: spec.identity.type,
    identityIds: (spec.identity.userAssignedIds ?? []).join(' '),
    description: sanitizeLine(spec.description ?? ''),
    tags: tags.text,
  };
  const more = [
    ...(spec.publicNetworkAccess ? [`public access ${spec.publicNetworkAccess}`] : []),
    ...(spec.location === undefined ? [] : [`location ${spec.location}`]),
    ...(spec.properties ? [`properties ${Object.keys(spec.properties).join(', ')}`] : []),
  ].join(', ');
  return [
    ...fields.map((field) => ({
      ...field,
      value: values[field.id] ?? field.value,
      ...(field.id === 'tags' && { hint: keptHint(field.hint ?? '', tags.kept) }),
    })),
    ...(more === ''
      ? []
      : [
          {
            id: 'more',
            label: 'From the file',
            kind: 'choice' as const,
            value: more,
            options: [{ value: more, label: sanitizeLine(more) }],
          },
        ]),
  ];
}

/** The change that the form stands for, with what the file says and the form has no room for. */
export function withEndpointFile(
  change: CreateEndpoint,
  named: NamedFile<EndpointFile> | undefined,
): CreateEndpoint {
  if (!named) return change;
  const { spec } = named.file;
  const { description, tags, publicNetworkAccess, properties, location } = spec;
  return {
    ...change,
    ...(description !== undefined &&
      change.description === sanitizeLine(description) && {
        description,
      }),
    tags: { ...shownPairs(tags).kept, ...change.tags },
    ...(publicNetworkAccess && { publicNetworkAccess }),
    ...(properties && { properties }),
    ...(location !== undefined && { location }),
  };
}

/** What a form reads of a deployment that it takes its values from. */
export type Source = Omit<
  Deployment,
  | 'id'
  | 'name'
  | 'endpointName'
  | 'provisioningState'
  | 'model'
  | 'createdAt'
  | 'instanceType'
  | 'instanceCount'
> &
  Partial<Pick<Deployment, 'instanceType' | 'instanceCount'>>;

export function deploymentSource({ path, file }: NamedFile<DeploymentFile>): Source {
  const {
    tags = {},
    environmentVariables = {},
    livenessProbe,
    ...spec
  } = withWholePaths(file.spec, resolve(path));
  return {
    ...spec,
    tags,
    environmentVariables,
    // As for `run`: where a file says nothing of probes, Azure's own stand.
    livenessProbe: livenessProbe ?? {},
  };
}

/** Where the file says that its model is, as the model step's forms take it. */
export function placeOfModel({
  path,
  file,
}: NamedFile<DeploymentFile>):
  { mode: 'folder' | 'uri'; place: string; name?: string } | undefined {
  const { model } = file;
  switch (model?.kind) {
    case undefined:
      return undefined;
    case 'folder': {
      const name = model.name === undefined ? {} : { name: model.name };
      if (/^(azureml|runs):/i.test(model.path)) return { mode: 'uri', place: model.path, ...name };
      const from = dirname(resolve(path));
      const place = isAbsolute(model.path) ? model.path : resolve(from, model.path);
      return { mode: 'folder', place, ...name };
    }
    case 'version':
      return { mode: 'uri', place: `azureml:${model.name}:${model.version}`, name: model.name };
    case 'latest':
      return { mode: 'uri', place: `azureml:${model.name}@latest`, name: model.name };
    case 'id':
      return { mode: 'uri', place: azuremlReference(model.id) };
  }
}

/** What the file says of a model to register and the wizard has no field for, as a sentence. */
export function leftOfModel({ path, file }: NamedFile<DeploymentFile>): string | undefined {
  const { model } = file;
  if (model?.kind !== 'folder') return undefined;
  const left = (['version', 'description', 'tags'] as const).filter(
    (key) => model[key] !== undefined,
  );
  return left.length === 0
    ? undefined
    : `${path}: ${left.join(', ')} of the model ${left.length === 1 && left[0] !== 'tags' ? 'is' : 'are'} ignored: the wizard registers the next free version, with its name alone; aml-rollout run takes all of it.`;
}

/** Said where the file is meant for another endpoint than the one that is open. */
export function otherEndpoint(
  named: NamedFile<DeploymentFile> | undefined,
  endpoint: string | undefined,
): string | undefined {
  const meant = named?.file.endpoint;
  return meant === undefined || sameName(meant, endpoint)
    ? undefined
    : `${named?.path ?? ''} is for endpoint ${meant}, and this is ${endpoint ?? 'another'}.`;
}
