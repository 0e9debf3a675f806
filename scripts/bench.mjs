// Ratios, measured side by side in one run, so that they can be compared between machines:
// `npm run bench [-- MEGABYTES]`, the size of the CSV that rows are drawn from. Tests time nothing.
// `npm run bench -- gates [--full] [--write]`: how often the gates are wrong, over simulated services; ends
// with 1 where a rate misses its target.
import { spawnSync } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeAll, launch } from './pty-driver.mjs';

const ROUNDS = 9;
const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist', 'main.js');
const wanted = process.argv.slice(2);
const megabytes = wanted.find((each) => !each.startsWith('-')) ?? '64';

if (wanted[0] === 'gates') process.exit(bench('gates/index.mjs', ...wanted.slice(1)));

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function milliseconds(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function node(...args) {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
}

const desk = await realpath(await mkdtemp(join(tmpdir(), 'aml-rollout-bench-')));
async function firstScreen() {
  const app = launch(process.execPath, [main], {
    cwd: desk,
    env: { AML_ROLLOUT_HOME: join(desk, 'home') },
  });
  await app.waitFor('❯ sandbox');
  await closeAll();
}

const subjects = {
  'node -e 0': () => node('-e', '0'),
  'aml-rollout --version': () => node(main, '--version'),
  'aml-rollout sandbox --help': () => node(main, 'sandbox', '--help'),
  'aml-rollout, first screen': firstScreen,
};

try {
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  // In turns, so that a busy moment of the machine hits all of them.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, work] of Object.entries(subjects)) {
      const time = await milliseconds(work);
      // The first round fills the caches.
      if (round > 0) times[name].push(time);
    }
  }
  const base = median(times['node -e 0']);
  console.log(
    `start-up, median of ${ROUNDS}, as a multiple of an empty Node.js ${process.version}:`,
  );
  for (const [name, each] of Object.entries(times)) {
    const time = median(each);
    console.log(
      `  ${name.padEnd(28)} × ${(time / base).toFixed(2).padStart(5)}   ${time.toFixed(0).padStart(5)} ms`,
    );
  }
} finally {
  await closeAll();
  await rm(desk, { recursive: true, force: true });
}

console.log(`\ndrawing 300 rows from a CSV of ${megabytes} MB:`);
function bench(name, ...args) {
  const script = join(root, 'test', 'bench', name);
  return spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' }).status ?? 1;
}
process.exit(bench('sampling.bench.mjs', megabytes));
