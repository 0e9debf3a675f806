/** Environment versions, registered from an image as the official client does (`_environment_operations`). */
import { isDeepStrictEqual } from 'node:util';
import { latestOf, parseShort } from '../common/model-ref.js';
import { record, type Json } from './arm-request.js';
import { textMember } from './endpoints.js';
import { invalid } from './errors.js';
import { unlessAbsent } from './models.js';
import { abortOption, doing, type Scope } from './scope.js';
import type { DeploymentSpec, EnvironmentDefinition } from './types.js';

interface Pinned {
  environment: string;
  isThere: boolean;
}

export const pinEnvironment = async (
  scope: Scope,
  environment: string,
  definition: EnvironmentDefinition | undefined,
  signal?: AbortSignal,
): Promise<string> => (await pinned(scope, environment, definition, signal)).environment;

/** `azureml:NAME:VERSION` of the deployment's environment, which is registered first where it is new. */
export async function registeredEnvironment(
  scope: Scope,
  { environment: asked, environmentDefinition: definition }: DeploymentSpec,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (asked === undefined) return undefined;
  const { environment, isThere } = await pinned(scope, asked, definition, signal);
  const { name, version } = parseShort(environment) ?? {};
  if (!definition || isThere || name === undefined || version === undefined) return environment;
  const { resourceGroup, workspaceName } = scope.connection;
  await doing(`register environment ${name}:${version}`, () =>
    scope.client.environmentVersions.createOrUpdate(
      resourceGroup,
      workspaceName,
      name,
      version,
      { properties: toWire(definition) },
      abortOption(signal),
    ),
  );
  return environment;
}

async function pinned(
  scope: Scope,
  environment: string,
  definition: EnvironmentDefinition | undefined,
  signal: AbortSignal | undefined,
): Promise<Pinned> {
  const latest = latestOf(environment);
  if (latest !== undefined) return latestVersion(scope, latest, definition, signal);
  const { name, version } = parseShort(environment) ?? {};
  if (!definition || name === undefined || version === undefined) {
    return { environment, isThere: true };
  }
  const what = `read environment ${name}:${version}`;
  const there = await scope.arm.find(
    `${pathOf(scope, name)}/versions/${encodeURIComponent(version)}`,
    what,
    { signal },
  );
  // The version of one without a name is its content.
  if (!there || definition.isAnonymous || hasContent(record(there['properties']), definition)) {
    return { environment, isThere: there !== undefined };
  }
  throw invalid(
    what,
    `Version ${version} of environment ${name} is already registered with different content.`,
    'Choose another version, or omit it for the next free one.',
  );
}

/** With a definition, as the official client has it: the newest version if it is the same, else the next. */
async function latestVersion(
  scope: Scope,
  name: string,
  definition: EnvironmentDefinition | undefined,
  signal: AbortSignal | undefined,
): Promise<Pinned> {
  const what = `find the latest version of environment ${name}`;
  const { resourceGroup, workspaceName } = scope.connection;
  const newest = await unlessAbsent(what, async () => {
    for await (const each of scope.client.environmentVersions.list(
      resourceGroup,
      workspaceName,
      name,
      {
        listViewType: 'ActiveOnly',
        orderBy: 'createdtime desc',
        top: 1,
        ...abortOption(signal),
      },
    )) {
      return each;
    }
    return undefined;
  });
  const isMeant = newest && (!definition || hasContent({ ...newest.properties }, definition));
  if (isMeant) return { environment: `azureml:${name}:${newest.name ?? ''}`, isThere: true };
  if (!definition) {
    throw invalid(
      what,
      `The workspace has no environment ${name}.`,
      'Register it, or name an environment that exists.',
    );
  }
  const container = await scope.arm.find(pathOf(scope, name), what, { signal });
  const next = record(container?.['properties'])['nextVersion'];
  const version = typeof next === 'string' ? next : '1';
  return { environment: `azureml:${name}:${version}`, isThere: false };
}

const pathOf = (scope: Scope, name: string): string =>
  `${scope.path}/environments/${encodeURIComponent(name)}`;

function toWire(definition: EnvironmentDefinition) {
  const { image, isAnonymous, condaFile, inferenceConfig, description, tags } = definition;
  return {
    image,
    isAnonymous,
    isArchived: false,
    ...textMember('condaFile', condaFile),
    ...(inferenceConfig && { inferenceConfig }),
    ...textMember('description', description),
    ...(tags && { tags }),
  };
}

/** What makes the image; a version's description and tags may change. */
function hasContent(there: Json, { image, condaFile, inferenceConfig }: EnvironmentDefinition) {
  const content = (each: Json): unknown[] => [
    each['image'],
    each['condaFile'] ?? undefined,
    each['inferenceConfig'] ?? undefined,
  ];
  return isDeepStrictEqual(content(there), [image, condaFile, inferenceConfig]);
}
