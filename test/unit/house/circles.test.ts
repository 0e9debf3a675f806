/** No file of the program needs, at run time, a file that needs it. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What a file imports when it runs: types are gone by then, and an `import()` waits. */
function valueImports(text: string): string[] {
  const file = ts.createSourceFile('file.tsx', text, ts.ScriptTarget.Latest);
  return file.statements.flatMap((statement) => {
    const specifier =
      ts.isImportDeclaration(statement) && !isOfTypes(statement.importClause)
        ? statement.moduleSpecifier
        : ts.isExportDeclaration(statement) && !statement.isTypeOnly
          ? statement.moduleSpecifier
          : undefined;
    return specifier && ts.isStringLiteral(specifier) ? [specifier.text] : [];
  });
}

function isOfTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const { name, namedBindings } = clause;
  if (name || !namedBindings || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

/** Each circle as the files on it, the first one again at the end. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (file: string, trail: string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) return void found.push([...trail.slice(at), file]);
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

function program(): Map<string, string[]> {
  const files = ['src', 'screens'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name)),
  );
  return new Map(
    files.map((file) => {
      const own = valueImports(readFileSync(join(root, file), 'utf8'))
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => normalize(join(dirname(file), specifier)).replace(/\.js$/, ''));
      const paths = own.flatMap((path) => [`${path}.ts`, `${path}.tsx`]);
      return [file, paths.filter((path) => existsSync(join(root, path)))];
    }),
  );
}

describe('imports', () => {
  it('are read from each way to write them, types aside', () => {
    const text = `import a from './a.js'; import './b.js'; export * from './c.js';
      import { type D, d } from './d.js'; import type { E } from './e.js';
      import { type F } from './f.js'; export type { G } from './g.js';`;
    expect(valueImports(text)).toEqual(['./a.js', './b.js', './c.js', './d.js']);
  });

  it('in a circle are found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['b']],
      ['d', []],
    ]);
    expect(circles(graph)).toEqual([['b', 'c', 'b']]);
  });

  it('of the program go one way', () => {
    const graph = program();
    expect(graph.get('src/rollout/moves/next-move.ts')).toContain('src/rollout/moves/index.ts');
    expect(graph.get('screens/app.tsx')).toContain('screens/traffic.tsx');
    expect(circles(graph)).toEqual([]);
  });
});
