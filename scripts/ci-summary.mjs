// The last lines of .ci/run: node scripts/ci-summary.mjs RESULTS_FOLDER [CHECK_THAT_FAILED...]
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [folder, ...failures] = process.argv.slice(2);

function read(name) {
  const file = join(folder, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

const vitest = read('vitest.json');
const pytest = read('conformance.json');
const passed = (vitest?.numPassedTests ?? 0) + (pytest?.passed ?? 0);
const skipped =
  (vitest?.numPendingTests ?? 0) + (vitest?.numTodoTests ?? 0) + (pytest?.skipped ?? 0);
const failedTests = (vitest?.numFailedTests ?? 0) + (pytest?.failed ?? 0);
// A check that failed with no failed test of its own counts as one: lint, types, a broken start.
const silent = failures.filter(
  (name) =>
    !(name === 'test' && vitest?.numFailedTests) && !(name === 'conformance' && pytest?.failed),
);
const failed = failedTests + silent.length;

// A log is often read from its end: what failed is said once more there, with its first reason.
for (const file of vitest?.testResults ?? []) {
  const broken = file.assertionResults.filter((test) => test.status === 'failed');
  for (const test of broken) {
    console.log(`failed: ${relative(process.cwd(), file.name)} > ${test.fullName}`);
    console.log(`  ${(test.failureMessages[0] ?? '').split('\n').slice(0, 12).join('\n  ')}`);
  }
  if (file.status === 'failed' && broken.length === 0) {
    console.log(`failed: ${relative(process.cwd(), file.name)}`);
    console.log(`  ${file.message}`);
  }
}
if (!pytest) console.log('conformance tests were not run');
if (failures.length) console.log(`failed: ${failures.join(', ')}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
