// `npm run bench [-- NAME...] [--quick] [--json] [--write]`: one table of ratios, each of two things measured in
// turns in this run, so that they can be compared between machines. A NAME is a file of test/bench/, and
// all of them are run where none is named. --write puts the table into docs/performance.md.
// `npm run bench -- gates [--full] [--write]`: how often the gates are wrong, over simulated services; ends
// with 1 where a rate misses its target.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentOf, rowsOf, withTable } from '../test/bench/table.mjs';

const NAMES = [
  'start',
  'sampling',
  'keys',
  'replay',
  'status',
  'rollout',
  'requests',
  'upload',
  'sandbox',
  'memory',
];
const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);

if (args[0] === 'gates') {
  const script = join(root, 'test', 'bench', 'gates', 'index.mjs');
  const options = { stdio: 'inherit' };
  process.exit(spawnSync(process.execPath, [script, ...args.slice(1)], options).status ?? 1);
}

const named = args.filter((each) => !each.startsWith('-'));
const unknown = named.filter((each) => !NAMES.includes(each));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are ${NAMES.join(', ')}.`);
  process.exit(2);
}
const page = join(root, 'docs', 'performance.md');
const asJson = args.includes('--json');
const rows = [];
for (const name of named.length > 0 ? named : NAMES) {
  if (!asJson) console.error(`measuring: ${name}`);
  const { measure } = await import(`../test/bench/${name}.mjs`);
  rows.push(...(await rowsOf(name, () => measure({ quick: args.includes('--quick') }))));
}
const run = { ...environmentOf(), rows };
const text = await readFile(page, 'utf8');
console.log(asJson ? JSON.stringify(run) : withTable(text, run).table);
if (args.includes('--write')) await writeFile(page, withTable(text, run).page);
process.exit();
