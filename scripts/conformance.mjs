// Runs test/conformance with Python: `npm run conformance -- [--results FILE] [pytest arguments]`.
// Each set of requirements gets a virtual environment of its own, kept for the next run in
// $XDG_CACHE_HOME/aml-rollout (or ~/.cache/aml-rollout). Exit codes: 0 passed, 1 failed, 3 no Python.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = join(root, 'test', 'conformance');
const sets = [
  { requirements: 'requirements.txt', ask: ['--ignore', join(tests, 'flavors_test.py'), tests] },
  { requirements: 'requirements-flavors.txt', ask: [join(tests, 'flavors_test.py')] },
];
// The pinned numpy of the sample models asks for 3.11.
const wanted = { major: 3, from: 11, to: 13 };

const args = process.argv.slice(2);
const at = args.indexOf('--results');
const [, resultsFile] = at < 0 ? [] : args.splice(at, 2);

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
function environment(python, requirements) {
  const file = join(tests, requirements);
  const key = createHash('sha256').update(readFileSync(file)).update(python.version).digest('hex');
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'aml-rollout', `conformance-${key.slice(0, 12)}`);
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return bin;
  console.log(`Installing ${requirements} into ${folder} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
  const made =
    run(python.name, ['-m', 'venv', folder]).status === 0 &&
    run(bin, ['-m', 'pip', 'install', ...quiet, '-r', file]).status === 0;
  if (!made) {
    console.error(`${requirements} could not be installed; what pip says stands above.`);
    return undefined;
  }
  writeFileSync(complete, '');
  return bin;
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
for (const [index, { requirements, ask }] of sets.entries()) {
  const bin = environment(python, requirements);
  const junit = join(scratch, `${index}.xml`);
  // A proxy of this machine is for pip; the sandbox hands the clients its own.
  if (bin) {
    const options = [
      '-q',
      '--disable-warnings',
      '-p',
      'no:cacheprovider',
      `--junitxml=${junit}`,
      '--rootdir',
      tests,
    ];
    run(bin, ['-m', 'pytest', ...options, ...args, ...ask], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
  }
  count(junit, totals);
}
rmSync(scratch, { recursive: true, force: true });
if (resultsFile) writeFileSync(resultsFile, JSON.stringify(totals));
console.log(
  `conformance: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`,
);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
