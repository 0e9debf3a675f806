/** Commands that are printed run as they are printed: each names the workspace it is about. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const OWN = /aml-rollout (run|resume|status|abort|undo|rollback|export)\b/;
const OTHER = /\baz (ml [a-z-]+ [a-z-]+|provider register)\b/;
/** What names the workspace, from the helpers of `own-command.ts` or a target's words. */
const REACH =
  /^(reach|options\.reach|[a-zA-Z]+\.words|(connectionWords|profileWords)\(.*\))( \?\? .*)?$/s;

/** Examples and comments with a name to fill in; scripts for Azure's clients have options of their own. */
const EXEMPT = ['src/cli/help-text.ts', 'src/interop/new-plan.ts', 'src/interop/languages/'];

interface Printed {
  text: string;
  /** Source of each value in a template. */
  values: string[];
}

function printed(file: string): Printed[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: Printed[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node)) {
      found.push({
        text: node.getText(source),
        values: node.templateSpans.map(({ expression }) => expression.getText(source)),
      });
    } else if (ts.isStringLiteralLike(node)) {
      // A command may be put together of words: those beside it count.
      const beside = ts.isArrayLiteralExpression(node.parent) ? node.parent.elements : [];
      const values = beside.map((each) => each.getText(source).replace(/^\.\.\./, ''));
      found.push({ text: node.text, values });
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
    const own = all.filter(({ text }) => OWN.test(text) && !/; aml-rollout run takes/.test(text));
    expect(own.length).toBeGreaterThan(5);
    const without = own.filter(({ values }) => !values.some((value) => REACH.test(value)));
    expect(without.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
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
