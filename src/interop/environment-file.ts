/** `environment` of a deployment.yml: a reference, or an image that is registered as an environment. */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import * as z from 'zod';
import type { DeploymentSpec, EnvironmentDefinition } from '../azure/types.js';
import { azuremlReference, latestOf, parseShort } from '../common/model-ref.js';
import { hideSecrets } from '../common/hide-secrets.js';
import { readYaml } from '../sampling/yaml-text.js';
import { notHere, text, texts, textOr, word } from './file-schema.js';
import { FileProblem, unfolded } from './yaml-file.js';

const REFERENCE =
  'use azureml:NAME:VERSION, azureml:NAME@latest, azureml://registries/REGISTRY/environments/NAME/versions/VERSION, or {image: IMAGE}';
const IN_CONDA = 'belongs in the conda_file; write conda_file: FILE beside image';
const NAME = /^[^:@/\s]+$/;

const reference = z
  .string()
  .refine((id) => !/\/labels\//i.test(id), {
    message: "a registry's labels are not looked up; end it with /versions/ and the version",
    abort: true,
  })
  .regex(
    /^(azureml:[^:/@]+(:[^:/@]+|@latest)|(azureml:\/\/registries|(azureml:)?\/subscriptions)\/.+\/environments\/[^/]+\/versions\/[^/]+)$/i,
    REFERENCE,
  )
  .transform((id) => id.replace(/^azureml:(?=\/subscriptions)/i, ''));

const route = z.strictObject({
  port: z.int('use a port number').min(1, 'use a port from 1').max(65_535, 'use a port to 65535'),
  path: z.string('write the path, such as /score').min(1, 'write the path, such as /score'),
});

/** azure-ai-ml 1.35, `EnvironmentSchema` and `AnonymousEnvironmentSchema`. */
const definition = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(NAME, 'use a name without blanks, ":", "@" and "/"').optional(),
  version: text.regex(NAME, 'use a version without blanks, ":", "@" and "/"').optional(),
  image: z.string('name the image, such as mcr.microsoft.com/azureml/NAME:TAG').min(1),
  conda_file: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())], 'name a conda file')
    .optional(),
  inference_config: z
    .strictObject({ liveness_route: route, readiness_route: route, scoring_route: route })
    .optional(),
  description: text.optional(),
  tags: texts.optional(),
  os_type: word(['linux'], 'managed deployments run on linux only').optional(),
  properties: notHere('a property bag of an environment is not written here; use tags'),
  datastore: notHere('nothing is uploaded for an image; leave this out'),
  channels: notHere(IN_CONDA),
  dependencies: notHere(IN_CONDA),
});

const BUILD =
  'images are not built here; build it, push it to a registry, and write image: IMAGE in its place';

/** Said before the image is missed, which is not to be given beside it. */
const noBuild = z
  .looseObject({})
  .superRefine((value, check) => {
    if ('build' in value) check.addIssue({ code: 'custom', message: BUILD, path: ['build'] });
  })
  .pipe(definition);

/** Without egress the packages of a model's own environment can't be installed at start. */
export const environmentMember = textOr(reference, noBuild, REFERENCE);

type Inline = z.output<typeof definition>;

/**
 * @param content of the whole file: the schema gets each scalar as text
 * @param open text of a file beside it
 * @throws FileProblem for a conda file that can't be read
 */
export function environmentOf(
  value: z.output<typeof environmentMember>,
  content: string,
  open: (path: string) => string,
): Pick<DeploymentSpec, 'environment' | 'environmentDefinition'> {
  if (typeof value === 'string') return { environment: value };
  const { name, version, image, conda_file: conda, inference_config: routes } = value;
  const condaFile = conda === undefined ? undefined : condaText(conda, content, open);
  const inferenceConfig = routes && {
    livenessRoute: routes.liveness_route,
    readinessRoute: routes.readiness_route,
    scoringRoute: routes.scoring_route,
  };
  const environmentDefinition: EnvironmentDefinition = {
    image,
    isAnonymous: name === undefined,
    ...(condaFile !== undefined && { condaFile }),
    ...(typeof conda === 'string' && { condaPath: conda }),
    ...(inferenceConfig && { inferenceConfig }),
    ...(value.description !== undefined && { description: value.description }),
    ...(value.tags && { tags: value.tags }),
  };
  const environment =
    name === undefined
      ? `azureml:CliV2AnonymousEnvironment:${contentVersion(environmentDefinition)}`
      : `azureml:${name}${version === undefined ? '@latest' : `:${version}`}`;
  return { environment, environmentDefinition };
}

/** As the official client sends it: sorted, without comments, written by PyYAML. */
function condaText(
  conda: NonNullable<Inline['conda_file']>,
  content: string,
  open: (path: string) => string,
): string {
  const where = typeof conda === 'string' ? conda : 'environment.conda_file';
  const yaml = readYaml(typeof conda === 'string' ? open(conda) : content);
  const [problem] = yaml.problems;
  if (problem) {
    const { line, column, what } = problem;
    throw new FileProblem([`${where}, line ${line}, column ${column}: ${what}.`]);
  }
  const whole = unfolded(yaml.toJS, where) as { environment?: { conda_file?: unknown } } | null;
  const value = typeof conda === 'string' ? whole : whole?.environment?.conda_file;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FileProblem([`${where} is not a conda file: write channels and dependencies.`]);
  }
  const written = stringify(value, {
    version: '1.1',
    sortMapEntries: true,
    indentSeq: false,
    singleQuote: true,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  // The scripts repeat what a deployment's file holds; of another file they give the path.
  if (typeof conda !== 'string' && hideSecrets(written) !== written) {
    throw new FileProblem([
      `${where} holds what looks like a secret: move it into a file of its own, and name the file.`,
    ]);
  }
  return written;
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/**
 * The version under which azure-ai-ml 1.35 registers it (`_generate_anonymous_name_version`), so that
 * the same file is the same environment for both. What it joins, it puts between the characters.
 */
function contentVersion({ image, inferenceConfig, condaFile }: EnvironmentDefinition): string {
  const parts = [...(inferenceConfig ? [routesText(inferenceConfig)] : []), condaFile ?? ''];
  const joined = parts
    .filter((part) => part !== '')
    .reduce((before, part) => [...sha256(part)].join(before), sha256(image));
  return sha256(joined);
}

/** It hashes its own objects, as PyYAML writes them. */
function routesText(routes: NonNullable<EnvironmentDefinition['inferenceConfig']>): string {
  const object = '!!python/object:azure.ai.ml._restclient.arm_ml_service.models._models.';
  const members = (['livenessRoute', 'readinessRoute', 'scoringRoute'] as const).map((name) => {
    const { path, port } = routes[name];
    const written = stringify(path, { version: '1.1', singleQuote: true, lineWidth: 0 });
    return `  ${name}: ${object}Route\n    _data:\n      path: ${written}      port: ${port}\n`;
  });
  return `${object}InferenceContainerProperties\n_data:\n${members.join('')}`;
}

/** For files and scripts: its reference, or the members of one that they have to register. */
export function environmentFile({
  environment,
  environmentDefinition: definition,
}: Pick<DeploymentSpec, 'environment' | 'environmentDefinition'>):
  string | Record<string, unknown> | undefined {
  if (environment === undefined || !definition) return environment && azuremlReference(environment);
  const { condaFile, condaPath, inferenceConfig: routes, description, tags } = definition;
  const { name, version } = parseShort(environment) ?? { name: latestOf(environment) };
  return {
    ...(!definition.isAnonymous && { name, ...(version !== undefined && { version }) }),
    image: definition.image,
    ...(condaFile !== undefined && { conda_file: condaPath ?? readYaml(condaFile).toJS() }),
    ...(routes && {
      inference_config: {
        liveness_route: routes.livenessRoute,
        readiness_route: routes.readinessRoute,
        scoring_route: routes.scoringRoute,
      },
    }),
    ...(description !== undefined && { description }),
    ...(tags && { tags }),
  };
}
