// `npm run faults [-- --full | --part K/N] [--only kill|wizard|faults|colleagues|load] [--cell TEXT] [--share N]
// [--at-once N] [--write]`: what becomes of a rollout that is killed, that meets faults on its way, that someone
// else interferes with, and that users are served through. Without --full a sample of the cells is run, the same
// each time; with --part every Nth cell, so that all of them can be run in pieces. --write puts the counts of
// --full into docs/reliability.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MEMBERS = ['name', 'situations', 'all', 'run', 'right'];
const MATRICES = ['kill', 'wizard', 'faults', 'colleagues', 'load'];
const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    part: { type: 'string' },
    only: { type: 'string' },
    cell: { type: 'string' },
    share: { type: 'string', default: '1' },
    'at-once': { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

if (values.only !== undefined && !MATRICES.includes(values.only)) {
  console.error(`--only takes one of ${MATRICES.join(', ')}.`);
  process.exit(2);
}
const [, part, parts] = /^(\d+)\/(\d+)$/.exec(values.part ?? '1/1') ?? [];
if (!(Number(part) >= 1 && Number(part) <= Number(parts))) {
  console.error('--part takes two numbers, for example 3/8.');
  process.exit(2);
}
if (values.write && (!values.full || values.only !== undefined || values.cell !== undefined)) {
  console.error(
    '--write takes --full, without --only and --cell: the page has the counts of all cells.',
  );
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'aml-rollout-faults-'));
const results = join(folder, 'results.json');
const begun = Date.now();
const args = [
  join(root, 'node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--config',
  'test/faults/vitest.config.ts',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}`,
  ...(values.only === undefined ? [] : [`test/faults/${values.only}.test.ts`]),
];
const { status } = spawnSync(process.execPath, args, {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    FAULTS_SHARE: values.full ? 'all' : values.share,
    ...(values.cell !== undefined && { FAULTS_CELL: values.cell }),
    ...(values.part !== undefined && { FAULTS_PART: values.part }),
    ...(values['at-once'] !== undefined && { FAULTS_AT_ONCE: values['at-once'] }),
  },
});
const minutes = Math.ceil((Date.now() - begun) / 60_000);

const counted = counts();
rmSync(folder, { recursive: true, force: true });
const lines = [
  '| matrix | situations | cells | run | right |',
  '| --- | ---: | ---: | ---: | ---: |',
  ...counted.map((each) => `| ${MEMBERS.map((member) => each[member]).join(' | ')} |`),
];
console.log(`\n${lines.join('\n')}\n\n${minutes} min`);
if (values.write) write();
process.exit(status ?? 1);

/** By matrix: its name and its cells are in the title of its group. */
function counts() {
  const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
  const found = new Map();
  for (const { assertionResults } of testResults) {
    for (const { ancestorTitles, status } of assertionResults) {
      const [, name, situations, all] =
        /^(\w+), (\d+) situations, (\d+) cells$/.exec(ancestorTitles[0]) ?? [];
      const row = found.get(name) ?? { name, situations, all, run: 0, right: 0 };
      row.run += 1;
      if (status === 'passed') row.right += 1;
      found.set(name, row);
    }
  }
  return MATRICES.flatMap((name) => found.get(name) ?? []);
}

function write() {
  const path = join(root, 'docs', 'reliability.md');
  const day = new Date().toISOString().slice(0, 10);
  const table = `<!-- counts -->\n\n${day}, Node.js ${process.version}, ${minutes} minutes:\n\n${lines.join('\n')}\n\n<!-- /counts -->`;
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/<!-- counts -->[^]*<!-- \/counts -->/, table));
}
