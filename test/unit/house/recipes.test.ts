/** The recipes of CONTRIBUTING.md name files that exist, few of them, and the registries need no more. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../src/interop/languages/index.js';
import { REGISTRY } from '../../../src/rollout/evidence/gates/registry.js';
import { MOVES } from '../../../src/rollout/moves/index.js';
import { COMMANDS } from '../../../src/wizard/effects/index.js';
import { STEPS } from '../../../src/wizard/steps/index.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
/** The text of a heading up to the next of its level. */
const section = (text: string, heading: string): string => text.split(`${heading}\n`)[1] ?? '';

const recipes = section(read('CONTRIBUTING.md'), '## Recipes')
  .split('\n## ')[0]!
  .split('\n### ')
  .slice(1)
  .map((text) => ({
    title: text.split('\n')[0]!,
    files: [...text.matchAll(/^- `([^`]+)`:/gm)].map((match) => match[1]!),
  }));
const recipe = (title: string): string[] =>
  recipes.find((each) => each.title === title)?.files ?? [];
const isNew = (file: string): boolean => file.includes('/your-');

describe('the recipes', () => {
  it('are those for what is added most', () => {
    expect(recipes.map(({ title }) => title)).toEqual([
      'A gate',
      'An export language',
      'A move',
      'A kind of check',
      'A step of the wizard',
      'A wizard command',
      'An API version',
      'A command line flag',
    ]);
  });

  it.each(recipes)('$title takes few files, and they exist', ({ files }) => {
    expect(files.length).toBeGreaterThan(1);
    expect(files.length).toBeLessThanOrEqual(4);
    const missing = files.filter(
      (file) => !existsSync(`${root}${isNew(file) ? dirname(file) : file}`),
    );
    expect(missing).toEqual([]);
  });
});

/** How an entry's file says that it defines it. */
const byId = (id: string): RegExp => new RegExp(`^ {2}id: '${id}',$`, 'm');
const byScreen = (id: string): RegExp => new RegExp(`^ {4}'?${id}'?: \\w+ScreenState;$`, 'm');
const byCommand = (id: string): RegExp =>
  new RegExp(`^export const ${id}Command: CommandKind<`, 'm');

/** Files of a folder that define an entry of its registry, by the entry's id. */
function definitions(
  files: string[],
  ids: readonly string[],
  pattern: (id: string) => RegExp,
): Map<string, string[]> {
  const folder = dirname(files.find(isNew)!);
  const paths = readdirSync(`${root}${folder}`).map((name) => `${folder}/${name}`);
  return new Map(ids.map((id) => [id, paths.filter((path) => pattern(id).test(read(path)))]));
}

describe('what a recipe leaves out is not needed', () => {
  it.each([
    ['A gate', 'registry.ts', REGISTRY.map(({ id }) => id), byId],
    ['An export language', 'index.ts', LANGUAGES.map(({ id }) => id), byId],
    ['A move', 'index.ts', MOVES.map(({ id }) => id), byId],
    ['A step of the wizard', 'index.ts', STEPS.map(({ id }) => id), byScreen],
    ['A wizard command', 'index.ts', Object.keys(COMMANDS), byCommand],
  ])('%s: each is defined in one file, which its registry imports', (...row) => {
    const [title, registry, ids, pattern] = row;
    const files = recipe(title);
    const list = files.find((file) => file.endsWith(registry))!;
    expect(new Set(ids).size).toBe(ids.length);
    for (const [id, paths] of definitions(files, ids, pattern)) {
      expect({ id, files: paths.length }).toEqual({ id, files: 1 });
      expect(read(list)).toContain(`./${paths[0]!.split('/').at(-1)!.replace(/ts$/, 'js')}'`);
    }
  });
});

describe('the walks of the architecture page', () => {
  it.each(['From a key to the wire', 'From a CSV row to a verdict'])('%s', (title) => {
    const text = section(read('docs/architecture.md'), `## ${title}`).split('\n## ')[0]!;
    const files = [...text.matchAll(/^\d+\. `([^`]+)`/gm)].map((match) => match[1]!);
    expect(files.length).toBeGreaterThan(5);
    expect(files.length).toBeLessThanOrEqual(12);
    expect(files.filter((file) => !existsSync(`${root}${file}`))).toEqual([]);
  });
});
