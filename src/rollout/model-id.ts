/** Names of registered models in ARM ids, which differ in letter case between Azure's answers. */

/** `models/{name}/versions/{version}`, whatever its letter case. */
const modelKey = (model: string): string =>
  /models\/.+$/.exec(model.toLowerCase())?.[0] ?? model.toLowerCase();

export const sameModel = (a: string, b: string): boolean => modelKey(a) === modelKey(b);

/** `heart-classifier:8`, for a sentence. */
export function shownModel(model: string): string {
  const [, name, version] = /\/models\/([^/]+)\/versions\/([^/]+)$/i.exec(model) ?? [];
  return name !== undefined && version !== undefined ? `${name}:${version}` : model;
}
