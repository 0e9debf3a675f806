/** Texts that a person reads keep to one vocabulary: blue and green, override, approval, verified. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const BANNED: readonly [RegExp, string][] = [
  [/\bLIVE\b/, 'BLUE, or blue in a sentence'],
  [/\bNEW\b/, 'GREEN, or green in a sentence'],
  [/[\d}] %(?!\w)/, '30%, without a space'],
  [/\bin spite of\b/i, 'override'],
  [/\bgo(?:es|ing|ne)? on\b/i, 'continue'],
  [/\bshall\b/i, 'should, or the imperative'],
  [/\ba yes\b/i, 'approval'],
  [/\bcan't be right\b/i, 'invalid'],
  [/\bwon't do\b/i, 'invalid'],
  [/\bmend(?:ed|s)?\b/i, 'fix'],
  [/\banew\b/i, 'again'],
  [/\bwhoever\b/i, 'its callers, or the person by role'],
  [/\bmeanwhile\b/i, 'the event itself'],
  [/\bmade again\b/i, 'created again'],
  [/\bpass(?:ed)? over\b/i, 'override, or ignore'],
  [/\bread back\b/i, 'verified'],
  [/\bformer\b/i, 'blue, or earlier'],
  [/\bgiven back\b/i, 'restored'],
  [/\bshares?\b/i, 'traffic weight, or a fraction of something else'],
  [/\b(?:is|are) there (?:already|twice)\b/i, 'already exists, is listed twice'],
  [/\byet to\b/i, 'what has to happen'],
  [/\b(?:wants?|wanted)\b/i, 'requires, needs'],
  [/\b(?:be|is|was) said\b/i, 'who reports it'],
  [/\btells?\b/i, 'shows, names, reports'],
  [/\b(?:whom|thereby)\b/i, 'a sentence of its own'],
  [/\bunclear\b/i, 'inconclusive'],
  [/\bif it stays\b/i, 'if it persists'],
  [/\bmostly\b/i, 'usually'],
  [/\bhangs? on\b/i, 'depends on'],
  [/\bbegun\b/i, 'started'],
  [/\b(?:so many (?:more|of)|the last so many)\b/i, 'the number, or this many'],
  [/\b(?:com(?:e|es)|came) of (?:it|this)\b/i, 'the result'],
  [/\bbec(?:o|a)mes? of\b/i, 'happens to'],
  [/\bsurely\b/i, 'clearly, or the interval'],
  [/\bbelongs? into\b/i, 'belongs in'],
  [/\bexists? already\b/i, 'already exists'],
  [/\binside of\b/i, 'inside'],
  [/\bhence\b/i, 'so'],
  [/\bunless told\b/i, 'by default'],
  [/\bof which\b/i, 'a sentence of its own'],
  [/\bstands?\b(?! for)/i, 'is, applies, remains'],
  [/\bg(?:o|oes|ave|ive|ives) no answer\b/i, 'does not answer'],
  [/\bcandidates?\b/i, 'green'],
];

/** A word may be right elsewhere: each with its reason. */
const ALLOWED: readonly { file: string; text: RegExp; because: string }[] = [];

/** Holes of a template are `${}`: what fills them is a text of its own. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node) || ts.isJsxText(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => '${}' + literal.text).join('');
}

function isPath(node: ts.Node): boolean {
  return ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent);
}

function breaches(file: string, source: string): string[] {
  const found: string[] = [];
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, kind);
  const visit = (node: ts.Node): void => {
    const text = textOf(node);
    // A lone word is an identifier or a key of a form; only sentences and labels have a space.
    if (text !== undefined && /\S\s+\S|^(?:LIVE|NEW)\s*$/.test(text) && !isPath(node)) {
      for (const [word, instead] of BANNED) {
        const passage = word.exec(text)?.[0];
        if (passage === undefined) continue;
        if (ALLOWED.some((each) => each.file === file && each.text.test(text))) continue;
        const { line } = parsed.getLineAndCharacterOfPosition(node.getStart());
        found.push(`${file}:${line + 1}: "${passage}" - write ${instead}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

it.each([
  ["say('Green goes on at once.')", 'goes on'],
  ['const a = <Line>{`${weight} % for LIVE`}</Line>;', 'LIVE'],
  ['const a = <Line>Mend its cells.</Line>;', 'Mend'],
  ["const role = 'NEW ';", 'NEW'],
])('the scan finds the word in %j', (source, word) => {
  expect(breaches('a.tsx', source).join()).toContain(`"${word}"`);
});

it('the scan reads texts only, not comments, names or imports', () => {
  const source = "// shall\nimport './go on/mend.js';\nconst LIVE = a % b;\nsay('Run 30% of it.');";
  expect(breaches('a.ts', source)).toEqual([]);
});

/** Sentences of a page: without blocks of code, code in a line, and the table of the bench. */
function proseBreaches(file: string, page: string): string[] {
  let fenced = false;
  return page.split('\n').flatMap((line, at) => {
    if (line.startsWith('```')) fenced = !fenced;
    if (fenced || line.startsWith('    ')) return [];
    const prose = line.replaceAll(/`[^`]*`/g, '');
    return BANNED.flatMap(([word, instead]) => {
      const passage = word.exec(prose)?.[0];
      return passage === undefined ? [] : [`${file}:${at + 1}: "${passage}" - write ${instead}`];
    });
  });
}

it('the scan of a page reads its prose, not its code', () => {
  const page = 'One.\n\n    share\n\nGreen gets a share of `share`.\n```\nshare\n```\n';
  expect(proseBreaches('a.md', page)).toEqual([
    'a.md:5: "share" - write traffic weight, or a fraction of something else',
  ]);
});

it('no page for a user has a banned word', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'samples/README.md',
    'docs/architecture.md',
    'docs/checks.md',
    'docs/gates.md',
    'docs/json.md',
    'docs/load-test.md',
    'docs/notifications.md',
    'docs/pictures.md',
    'docs/plan.md',
    'docs/sandbox.md',
  ];
  const found = pages.flatMap((file) =>
    proseBreaches(file, readFileSync(`${root}${file}`, 'utf8')),
  );
  expect(found).toEqual([]);
});

it('no text of the program has a banned word', () => {
  const files = ['src', 'screens'].flatMap((room) =>
    readdirSync(`${root}${room}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => `${room}/${name.replaceAll('\\', '/')}`),
  );
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((file) => breaches(file, readFileSync(`${root}${file}`, 'utf8')));
  expect(found).toEqual([]);
});
