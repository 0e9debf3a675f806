/** A command whose output can't be written says so; one that only answers has failed. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { MAIN, temporaryFolder } from '../../support/sandbox.js';

const FULL = '/dev/full';
const home = temporaryFolder();
afterAll(() => rmSync(home, { recursive: true, force: true }));

const run = (rest: string, ...args: string[]) =>
  spawnSync('bash', ['-c', `"$0" "$@" ${rest}`, process.execPath, MAIN, ...args], {
    encoding: 'utf8',
    env: { ...process.env, AML_ROLLOUT_HOME: home },
  });

describe.skipIf(!existsSync(FULL))('standard output on a full disk', () => {
  const lost = "Standard output can't be written (ENOSPC): lines are missing from it.\n";

  it.each([[[]], [['--json']]])('fails a command that only answers: doctor %j', (flags) => {
    const { status, stderr } = run(`>${FULL}`, 'doctor', '--sandbox', ...flags);
    expect({ status, stderr }).toEqual({ status: 1, stderr: lost });
  });

  it('keeps the code of what failed for its own reason', () => {
    const { status, stderr } = run(`>${FULL}`, 'status', 'heart', '--sandbox', '--json');
    expect(status).toBe(2);
    expect(stderr).toContain(lost);
  });

  it('is nothing where the reader has had enough', () => {
    const rest = '| head -1 >/dev/null; exit ${PIPESTATUS[0]}';
    const { status, stderr } = run(rest, 'doctor', '--sandbox');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

it('a folder that no system can make is named, without a stack', () => {
  const folder = '/proc/none/sandbox';
  const { status, stderr } = run('', 'sandbox', '--state-dir', folder);
  expect(status).toBe(1);
  expect(stderr).toContain(`The sandbox can't keep its state in ${folder}`);
  expect(stderr).not.toMatch(/^\s+at /m);
});
