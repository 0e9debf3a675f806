/** Names of registered models in ARM ids, which differ in letter case between Azure's answers. */
import { registryModel } from './model-source.js';

/** `models/{name}/versions/{version}`, whatever its letter case; a registry's is another's. */
const modelKey = (model: string): string =>
  registryModel(model)
    ? model.toLowerCase()
    : (/models\/.+$/.exec(model.toLowerCase())?.[0] ?? model.toLowerCase());

export const sameModel = (a: string, b: string): boolean => modelKey(a) === modelKey(b);

/** `heart-classifier:8`, for a sentence. */
export function shownModel(model: string): string {
  const [, name, version] = /\/models\/([^/]+)\/versions\/([^/]+)$/i.exec(model) ?? [];
  if (name === undefined || version === undefined) return model;
  const registry = registryModel(model)?.registry;
  return `${name}:${version}${registry === undefined ? '' : ` of registry ${registry}`}`;
}
