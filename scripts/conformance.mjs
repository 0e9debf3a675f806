// Runs test/conformance with Python:
//   npm run conformance -- [--only SET] [--table FILE] [--results FILE] [pytest arguments]
// Each set of requirements gets a virtual environment of its own, kept for the next run in
// $XDG_CACHE_HOME/aml-rollout (or ~/.cache/aml-rollout). Exit codes: 0 passed, 1 failed, 2 a wrong
// argument, 3 no Python.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable, readSteps } from './conformance-table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = join(root, 'test', 'conformance');
// A test file belongs to the first set whose names it matches.
const sets = [
  { name: 'flavors', suffix: '-flavors.txt', files: /^test_flavors|flavors_test/ },
  { name: 'az', suffix: '-az.txt', files: /^test_az/ },
  { name: 'clients', suffix: '.txt', files: /^test_|_test\.py$/ },
].map((set) => ({
  ...set,
  requirements: `requirements${set.suffix}`,
  constraints: `constraints${set.suffix}`,
}));
// The one that comes with Python may be years old; 23.2 fails on these sets with an error of its own.
const PIP = 'pip==26.3';
// The pinned numpy of the sample models asks for 3.11.
const wanted = { major: 3, from: 11, to: 13 };

const args = process.argv.slice(2);
const resultsFile = option('--results');
const tableFile = option('--table');
const only = option('--only');
if (only !== undefined && !sets.some(({ name }) => name === only)) {
  const names = sets.map(({ name }) => name).join(', ');
  console.error(`--only takes the name of a set: ${names}.`);
  process.exit(2);
}

/** Takes an option and its value out of the arguments that are left for pytest. */
function option(name) {
  const at = args.indexOf(name);
  if (at < 0) return undefined;
  const [, value] = args.splice(at, 2);
  if (value !== undefined) return value;
  console.error(`${name} wants a value.`);
  process.exit(2);
}

function run(command, parameters, options = {}) {
  return spawnSync(command, parameters, { stdio: 'inherit', cwd: root, ...options });
}

/** The first Python of a version that the requirements can be installed for. */
function findPython() {
  for (const name of ['python3', 'python3.12', 'python3.11', 'python3.13', 'python', 'py']) {
    const code = 'import sys, venv, ensurepip; print(*sys.version_info[:3])';
    const { status, stdout } = run(name, ['-c', code], {
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    });
    const [major, minor, patch] = status === 0 ? stdout.trim().split(' ').map(Number) : [];
    if (major === wanted.major && minor >= wanted.from && minor <= wanted.to)
      return { name, version: `${major}.${minor}.${patch}` };
  }
  return undefined;
}

/** Makes the environment for a set, or takes the one a former run made from the same lines. */
function environment(python, { requirements, constraints }) {
  const [wants, versions] = [requirements, constraints].map((name) => join(tests, name));
  const hash = createHash('sha256').update(python.version).update(PIP);
  for (const file of [wants, versions]) hash.update(readFileSync(file));
  const key = hash.digest('hex');
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'aml-rollout', `conformance-${key.slice(0, 12)}`);
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return bin;
  console.log(`Installing ${requirements} into ${folder} …`);
  const since = Date.now();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
  const made =
    run(python.name, ['-m', 'venv', folder]).status === 0 &&
    run(bin, ['-m', 'pip', 'install', ...quiet, PIP]).status === 0 &&
    run(bin, ['-m', 'pip', 'install', ...quiet, '-r', wants, '-c', versions]).status === 0;
  if (!made) {
    console.error(`${requirements} could not be installed; what pip says stands above.`);
    return undefined;
  }
  writeFileSync(complete, '');
  console.log(`Installed in ${seconds(since)} s.`);
  return bin;
}

function seconds(since) {
  return Math.round((Date.now() - since) / 1_000);
}

/** Every test file, by the set that it belongs to. */
function filesBySet() {
  const files = new Map(sets.map((set) => [set.name, []]));
  for (const file of readdirSync(tests)
    .filter((name) => name.endsWith('.py'))
    .sort()) {
    const set = sets.find((each) => each.files.test(file));
    if (set) files.get(set.name).push(join(tests, file));
  }
  return files;
}

/** Adds up what pytest wrote; a run that wrote nothing counts as one failure. */
function count(junit, totals) {
  const suite = existsSync(junit) ? /<testsuite [^>]*>/.exec(readFileSync(junit, 'utf8')) : null;
  if (!suite) return void (totals.failed += 1);
  const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite[0])?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  totals.failed += failed;
  totals.skipped += number('skipped');
  totals.passed += number('tests') - failed - number('skipped');
}

const python = findPython();
if (!python) {
  console.error(
    `Conformance tests were not run: they need Python ${wanted.major}.${wanted.from} to ` +
      `${wanted.major}.${wanted.to} with venv and pip on the PATH. Install it and run again.`,
  );
  process.exit(3);
}
if (!existsSync(join(root, 'dist', 'main.js'))) {
  console.error('The conformance tests drive the built program: run `npm run build` first.');
  process.exit(1);
}

const totals = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), 'aml-rollout-conformance-'));
const steps = join(scratch, 'steps.jsonl');
const files = filesBySet();
const notInstalled = [];
for (const set of sets.filter(({ name }) => !only || name === only).reverse()) {
  const { name, requirements } = set;
  const bin = environment(python, set);
  const junit = join(scratch, `${name}.xml`);
  const since = Date.now();
  if (bin) {
    const options = [
      '-q',
      // Why a test was skipped.
      '-rs',
      '--disable-warnings',
      '-p',
      'no:cacheprovider',
      `--junitxml=${junit}`,
      '--rootdir',
      tests,
      '--steps',
      steps,
    ];
    // A proxy of this machine is for pip; the sandbox hands the clients its own.
    run(bin, ['-m', 'pytest', ...options, ...args, ...files.get(name)], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    console.log(`${requirements}: ran for ${seconds(since)} s`);
  } else notInstalled.push(requirements);
  count(junit, totals);
}

const table = markdownTable(readSteps(steps), notInstalled);
const summary = `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`;
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${table}`);
if (tableFile) {
  const when = new Date().toISOString().slice(0, 10);
  writeFileSync(
    tableFile,
    `# Conformance: the last recorded run\n\n` +
      `Written by \`npm run conformance -- --table FILE\` on ${when}, with Python ${python.version} ` +
      `and Node.js ${process.versions.node}: ${summary}.\nWhat is run, and what is not, is in ` +
      `[conformance.md](conformance.md).\n\n${table}`,
  );
}
if (resultsFile) writeFileSync(resultsFile, JSON.stringify(totals));
console.log(`conformance: ${summary}`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
