/** What the program exports has one name each, so that a search for it finds the one thing. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Names that a file exports; those that it passes on from another file too. */
function exportedNames(text: string): string[] {
  const file = ts.createSourceFile('file.tsx', text, ts.ScriptTarget.Latest);
  return file.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      return exportClause && ts.isNamedExports(exportClause)
        ? exportClause.elements.map(({ name }) => name.text)
        : ['*'];
    }
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.map(({ name }) => name.getText(file));
    }
    const { name } = statement as ts.DeclarationStatement;
    return name ? [name.getText(file)] : [];
  });
}

/** Each name that more than one file exports, with the files. A type may share its name with a value beside it. */
function duplicates(files: ReadonlyMap<string, string>): Record<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const [file, text] of files) {
    for (const name of new Set(exportedNames(text))) {
      byName.set(name, [...(byName.get(name) ?? []), file]);
    }
  }
  return Object.fromEntries([...byName].filter(([, places]) => places.length > 1));
}

const program = new Map(
  ['src', 'screens'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name))
      .map((file) => [file, readFileSync(join(root, file), 'utf8')] as const),
  ),
);

describe('exported names', () => {
  it('are read from each way to export', () => {
    const text = `export interface A {} export type B = 1; export const c = 1, d = 2;
      export function e() {} export class F {} export enum G {} const h = 1; interface I {}
      export { j } from './j.js'; export type { k as K } from './k.js'; export * from './l.js';`;
    expect(exportedNames(text)).toEqual(['A', 'B', 'c', 'd', 'e', 'F', 'G', 'j', 'K', '*']);
  });

  it('of two files are found', () => {
    const files = new Map([
      ['a.ts', 'export interface Answer {} export const Answer = 1;'],
      ['b.ts', "export type { Answer } from './a.js';"],
      ['c.ts', 'interface Answer {}'],
    ]);
    expect(duplicates(files)).toEqual({ Answer: ['a.ts', 'b.ts'] });
  });

  it('of the program are one each', () => {
    expect(program.size).toBeGreaterThan(300);
    expect(exportedNames(program.get('src/common/split.ts')!)).toContain('Split');
    expect(duplicates(program)).toEqual({});
  });
});
