/** A pipe without a writer never ends: whatever names one gets a sentence instead of waiting for it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlan } from '../../../src/cli/plan-argument.js';
import { filesIn } from '../../../src/interop/rollout-files.js';
import { readSettings } from '../../../src/profiles/read-settings.js';
import { listJournals, readJournal } from '../../../src/rollout/journal/journal.js';
import { findJournal } from '../../../src/rollout/journal/open.js';
import { loadPlanFile } from '../../../src/wizard/effects/plan.js';

const hasPipes = spawnSync('mkfifo', ['--version']).error === undefined;
const workspace = { subscriptionId: 's', resourceGroup: 'rg', workspaceName: 'ws' };

let folder: string;
let pipe: string;
let writer: ChildProcess;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aml-rollout-pipes-'));
  pipe = join(folder, 'heart-1.jsonl');
  spawnSync('mkfifo', [pipe]);
  // Whoever reads it after all reads this, so that a test fails and does not wait.
  writer = spawn('sh', ['-c', 'while true; do echo read > "$0"; done', pipe]);
});
afterAll(() => {
  writer.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasPipes)(`a pipe${hasPipes ? '' : ' (NOT CHECKED: no mkfifo)'}`, () => {
  const sentence = /heart-1\.jsonl can't be read \(it is not a regular file\)/;

  it('among the journals is one that can not be read', () => {
    expect(() => readJournal(pipe)).toThrow(sentence);
    expect(listJournals(folder).problems).toEqual([expect.stringMatching(sentence)]);
    expect(() => findJournal(folder, workspace, 'heart')).toThrow(sentence);
  });

  it('is no plan', async () => {
    await expect(readPlan(pipe)).rejects.toThrow(sentence);
    await expect(loadPlanFile(pipe, pipe)).rejects.toThrow(sentence);
  });

  it('is no file that a plan names', () => {
    const files = filesIn(folder, () => {});
    expect(() => files.open('heart-1.jsonl')).toThrow(sentence);
  });

  it('holds no settings', () => {
    expect(readSettings(pipe)).toMatchObject({ problem: 'unreadable' });
  });
});
