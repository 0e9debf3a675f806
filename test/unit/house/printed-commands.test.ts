/** Commands that are printed run as they are printed: by the name that a shell finds, and with the workspace they are about. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ABOUT_A_WORKSPACE = /^(how|'(run|resume|status|abort|undo|rollback|export)')$/;
const BY_NAME = /aml-rollout (--\w|(run|resume|status|abort|undo|rollback|export|profiles) )/;
const OTHER = /\baz (ml [a-z-]+ [a-z-]+|provider register)\b/;
/** What names the workspace, from the helpers of `own-command.ts` or a target's words. */
const REACH = /^(\.\.\.)?(reach|[a-zA-Z]+\.words|profileWords\(.*\))$/s;

/** Examples and comments with a name to fill in; scripts for Azure's clients have options of their own. */
const EXEMPT = ['src/cli/help-text.ts', 'src/interop/new-plan.ts', 'src/interop/languages/'];
/** What is read on another machine, where only the name is known. */
const ELSEWHERE = ['src/interop/export.ts'];

interface Printed {
  text: string;
  /** Of a command of this program: the source of each word. */
  words?: string[];
}

function printed(file: string): Printed[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: Printed[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node)) {
      found.push({ text: node.getText(source) });
    } else if (ts.isStringLiteralLike(node)) {
      found.push({ text: node.text });
    } else if (ts.isCallExpression(node) && node.expression.getText(source) === 'ownCommand') {
      const words = node.arguments.map((each) => each.getText(source));
      found.push({ text: node.getText(source), words });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const files = ['src', 'screens'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))
    .filter((name) => !EXEMPT.some((each) => name.startsWith(each))),
);
const all = files.flatMap((file) => printed(file).map((each) => ({ file, ...each })));

describe('printed commands', () => {
  it('of this program have the options that reach the workspace', () => {
    const own = all.filter(({ words }) => ABOUT_A_WORKSPACE.test(words?.[0] ?? ''));
    expect(own.length).toBeGreaterThan(5);
    const without = own.filter(({ words }) => !words?.some((word) => REACH.test(word)));
    expect(without.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });

  it('of this program name it as the shell finds it', () => {
    const byName = all.filter(
      ({ file, text }) =>
        BY_NAME.test(text) && !/; aml-rollout run takes/.test(text) && !ELSEWHERE.includes(file),
    );
    expect(byName.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });

  it('of Azure’s CLI have its options', () => {
    const other = all.filter(({ text }) => OTHER.test(text));
    const without = other.filter(
      // A command in the middle of a text, in backquotes, names what reads a file.
      ({ text }) => !/`az ml [^`]*`/.test(text) && !/--subscription/.test(text),
    );
    expect(without.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });
});
