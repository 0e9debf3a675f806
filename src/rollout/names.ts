/** What Azure ML allows as a name, and the sentences for what it doesn't. */

/** `azure-ai-ml` constants: endpoint and deployment names, 3 to 32 characters. */
const HOSTED = /^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
/** Microsoft.MachineLearningServices swagger: names of assets. */
const ASSET = /^[a-zA-Z0-9][a-zA-Z0-9\-_.]{0,254}$/;

export type NamedThing = 'endpoint' | 'deployment' | 'model' | 'version';

/** A sentence that says what is wrong with the name, or `undefined` when Azure will take it. */
export function nameProblem(what: NamedThing, name: string): string | undefined {
  if (name === '') return `The ${what} needs a name.`;
  const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 39)}…` : name);
  if (what === 'model' || what === 'version') {
    return ASSET.test(name)
      ? undefined
      : `Invalid ${what} name ${shown}. Use letters, digits, "-", "_" or ".", starting with a letter or a digit, at most 255 characters.`;
  }
  if (name.length < 3 || name.length > 32) {
    return `The ${what} name ${shown} is too ${name.length < 3 ? 'short' : 'long'}: use 3 to 32 characters.`;
  }
  if (!HOSTED.test(name)) {
    return `Invalid ${what} name ${shown}. Use letters, digits and "-", starting with a letter and ending with a letter or a digit.`;
  }
  if (name.includes('--')) return `The ${what} name ${shown} has "--": use single dashes.`;
  return undefined;
}

/**
 * Current `azure-ai-ml` lower-cases the names in a split, so that it can't move traffic of a
 * deployment with capitals in its name. Azure itself takes such a name.
 */
export function nameWarning(name: string): string | undefined {
  return name === name.toLowerCase()
    ? undefined
    : `The official Python client can't move traffic of "${name}": it writes names in lower case. Use "${name.toLowerCase()}" instead.`;
}

/**
 * May it be a part of a file's name? Endpoint names and rollout ids come from tags, servers and
 * files: no separators, no leading dot, short enough for every file system.
 */
export const isFileNamePart = (text: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text);

/** Lower-case letters, digits and single dashes, none at the ends. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

const cut = (text: string, length: number): string => text.slice(0, length).replace(/-+$/, '');

/** `base-version`, made to fit Azure's rules and to differ from the names in use. */
export function deploymentNameFor(
  base: string,
  version: string,
  taken: readonly string[] = [],
): string {
  const head = slug(base).replace(/^[^a-z]+/, '') || 'model';
  const tail = cut(slug(version), 16);
  const used = new Set(taken.map((name) => name.toLowerCase()));
  for (let copy = 1; ; copy += 1) {
    const suffix = `${tail && `-${tail}`}${copy === 1 ? '' : `-${copy}`}`;
    const short = `${cut(head, 32 - suffix.length)}${suffix}`;
    const name = short.length < 3 ? `model-${short}` : short;
    if (!used.has(name)) return name;
  }
}
