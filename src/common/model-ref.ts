/**
 * The ways in which files, people and Azure name a registered model, environment, code or data asset. Azure's answers
 * differ in letter case; names and versions are kept as they were written.
 */

interface AssetRef {
  name: string;
  version: string;
  /** Of a registry's asset; absent for one of a workspace. */
  registry?: string;
}

type Kind = 'models' | 'environments' | 'data' | 'codes';

const REGISTRY = /^azureml:\/\/registries\/([^/]+)\//i;
/** ARM ids, with or without `azureml:` before them, and ids of registries. */
const LONG = /\/(models|environments|data|codes)\/([^/]+)\/versions\/([^/]+)\/?$/i;
const SHORT = /^azureml:([^:@/\s]+):([^:@/\s]+)$/i;
const LATEST = /^(?:azureml:)?([^:@/\s]+)@latest$/i;

/** Of one version; `undefined` for anything else, such as a place of files or a label. */
function parse(text: string, wanted: Kind): AssetRef | undefined {
  const short = parseShort(text);
  if (short) return short;
  const [, kind, longName = '', longVersion = ''] = LONG.exec(text) ?? [];
  if (kind?.toLowerCase() !== wanted) return undefined;
  const registry = REGISTRY.exec(text)?.[1];
  return { name: longName, version: longVersion, ...(registry !== undefined && { registry }) };
}

/** `azureml:NAME:VERSION`, which does not say of what kind the asset is. */
export function parseShort(text: string): AssetRef | undefined {
  const [, name, version] = SHORT.exec(text) ?? [];
  return name !== undefined && version !== undefined ? { name, version } : undefined;
}

export const parseModel = (text: string): AssetRef | undefined => parse(text, 'models');
export const parseEnvironment = (text: string): AssetRef | undefined => parse(text, 'environments');
export const parseData = (text: string): AssetRef | undefined => parse(text, 'data');
export const parseCode = (text: string): AssetRef | undefined => parse(text, 'codes');

/** The model of a workspace; `undefined` for a registry's too. */
export function workspaceModel(text: string): AssetRef | undefined {
  const found = parseModel(text);
  return found?.registry === undefined ? found : undefined;
}

/** The model of a registry; `undefined` for a workspace's too. */
export function registryModel(text: string): Required<AssetRef> | undefined {
  const { name, version, registry } = parseModel(text) ?? {};
  return name !== undefined && version !== undefined && registry !== undefined
    ? { registry, name, version }
    : undefined;
}

/** The name in `azureml:NAME@latest`. */
export const latestOf = (text: string): string | undefined => LATEST.exec(text)?.[1];

export const registryModelId = ({ registry, name, version }: Required<AssetRef>): string =>
  `azureml://registries/${registry}/models/${name}/versions/${version}`;

/** As deployment.yml and the Python client take it: short for an asset of the workspace. */
export function azuremlReference(id: string): string {
  const found = parseModel(id) ?? parseEnvironment(id) ?? parseCode(id) ?? parseData(id);
  return found && found.registry === undefined ? `azureml:${found.name}:${found.version}` : id;
}

function keyOf(model: string): string {
  const { registry = '', name, version } = parseModel(model) ?? {};
  return (name === undefined ? model : `${registry}/${name}/${version}`).toLowerCase();
}

/** Whatever the letter case, and whichever way they are written. */
export const sameModel = (a: string, b: string): boolean => keyOf(a) === keyOf(b);

/** `heart-classifier:8`, for a sentence. */
export function shownModel(model: string): string {
  const found = parseModel(model);
  if (!found) return model;
  const { name, version, registry } = found;
  return `${name}:${version}${registry === undefined ? '' : ` of registry ${registry}`}`;
}
