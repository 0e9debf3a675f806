// What the benchmarks share. Each file beside this one gives `title` and `measure`, which resolves with
// rows: `{ what, goal, value, low, high, unit, detail }`, or `{ what, goal, notMeasured }` with the reason.
// Every figure is a ratio of two things measured in turns, or a bound that no other machine shifts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ALIASES } from '../../scripts/aliases.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** AML_ROLLOUT_BENCH_PROGRAM measures another build, such as the one before a change. */
export const main = process.env.AML_ROLLOUT_BENCH_PROGRAM ?? join(root, 'dist', 'main.js');

export const quantile = (values, share) => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};
export const median = (values) => quantile(values, 0.5);

export async function milliseconds(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function node(...args) {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
}

/**
 * The times of each subject, in turns, so that a busy moment of the machine hits all of them. The
 * first round fills the caches and does not count.
 */
export async function inTurns(subjects, rounds) {
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, work] of Object.entries(subjects)) {
      const time = await milliseconds(work);
      if (round > 0) times[name].push(time);
    }
  }
  return times;
}

/** The ratio of two subjects: of each round, then the median and the middle half of the rounds. */
export function ratio(of, to) {
  const each = of.map((time, round) => time / to[round]);
  return { unit: '×', value: median(each), low: quantile(each, 0.25), high: quantile(each, 0.75) };
}

/** A folder that is gone afterwards. */
export async function inFolder(work) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'aml-rollout-bench-')));
  try {
    return await work(folder);
  } finally {
    // A program that ends may still write for a moment.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Bundles a script as the program itself is bundled. */
export const bundled = (options) =>
  build({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    minifySyntax: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"', __VERSION__: '"bench"' },
    alias: ALIASES,
    // CommonJS packages ask for Node's own modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
    ...options,
  });

/** What a program of this folder prints as JSON; its packages are those of the project. */
export async function resultOfProgram(name, ...args) {
  const outfile = join(root, 'test-output', 'bench', name.replace(/\.tsx?$/, '.mjs'));
  const entry = fileURLToPath(new URL(name, import.meta.url));
  await bundled({
    entryPoints: [entry],
    outfile,
    packages: 'external',
    alias: { vitest: fileURLToPath(new URL('wait-for.mjs', import.meta.url)) },
  });
  const { status, stdout, stderr } = spawnSync(process.execPath, [outfile, ...args], {
    encoding: 'utf8',
    cwd: root,
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** A Python that has this module: BENCH_PYTHON, else one of those that the conformance tests made. */
export function pythonWith(module) {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'aml-rollout');
  const made = existsSync(cache)
    ? readdirSync(cache).map((name) => join(cache, name, 'bin', 'python'))
    : [];
  return [process.env.BENCH_PYTHON, ...made].find(
    (python) =>
      python !== undefined &&
      spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0,
  );
}

/** What clients.py prints as JSON. */
export function byClient(python, ...args) {
  const script = fileURLToPath(new URL('clients.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`clients.py ended with ${status}: ${stderr.slice(-300)}`);
  return JSON.parse(stdout.slice(stdout.indexOf('{')));
}
