import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Journal,
  JournalError,
  listJournals,
  readJournal,
  type JournalEvent,
} from '../../../src/rollout/journal/journal.js';

let root: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'aml-rollout-journal-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function start(folder = root): Journal {
  count += 1;
  return Journal.create(folder, {
    rolloutId: `r${count}`,
    workspace: { subscriptionId: 's', resourceGroup: 'rg', workspaceName: 'ws' },
    endpoint: 'heart',
    owner: 'ada',
    version: '0',
  });
}

const choice = (path: string): JournalEvent => ({
  event: 'choice',
  choice: { csv: { path, rows: 5, seed: 7 } },
});

describe('a journal', () => {
  it('is one file of the rollout, readable by its owner only', () => {
    const journal = start();
    expect(journal.path).toBe(join(root, `heart-r${count}.jsonl`));
    expect(statSync(journal.path).mode & 0o777).toBe(0o600);
    expect(() =>
      Journal.create(root, {
        rolloutId: `r${count}`,
        workspace: { subscriptionId: 's', resourceGroup: 'rg', workspaceName: 'ws' },
        endpoint: 'heart',
        owner: 'ada',
        version: '0',
      }),
    ).toThrow(/EEXIST/);
    journal.close();
  });

  it('comes back as it was written, whatever was cut off its end', () => {
    const paths = fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 });
    fc.assert(
      fc.property(paths, fc.integer({ min: 0, max: 400 }), (written, cut) => {
        const journal = start();
        for (const path of written) journal.append(choice(path.slice(0, 20)));
        const whole = [...journal.entries];
        journal.close();
        const bytes = readFileSync(journal.path);
        const kept = Math.max(0, bytes.length - cut);
        writeFileSync(journal.path, bytes.subarray(0, kept));

        const { entries, torn } = readJournal(journal.path);
        expect(entries).toEqual(whole.slice(0, entries.length));
        const lengths = whole.map((entry) => Buffer.byteLength(JSON.stringify(entry)) + 1);
        const expected = lengths.reduce(
          (state, length) =>
            state.left >= length
              ? { left: state.left - length, lines: state.lines + 1 }
              : { ...state, left: -1 },
          { left: kept, lines: 0 },
        );
        expect(entries).toHaveLength(expected.lines);
        const used = lengths.slice(0, entries.length).reduce((sum, length) => sum + length, 0);
        expect(torn).toBe(kept > used);

        const again = Journal.open(journal.path);
        again.append({ event: 'completed', report: 'r.md' });
        again.close();
        const after = readJournal(journal.path);
        expect(after.torn).toBe(false);
        expect(after.entries.slice(0, -1)).toEqual(entries);
        expect(after.entries.map((entry) => entry.seq)).toEqual(
          after.entries.map((_, index) => index + 1),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('names the line that can not be read', () => {
    const journal = start();
    journal.close();
    appendFileSync(journal.path, 'no json\n');
    expect(() => readJournal(journal.path)).toThrow(/Line 2 of the journal/);
    expect(() => Journal.open(journal.path)).toThrow(JournalError);
  });

  it('refuses a secret, and writes nothing of it', () => {
    const journal = start();
    const key = `Ab3${'xY9z'.repeat(10)}`;
    expect(() => journal.append(choice(`/data?sig=${key}`))).toThrow(/choice.csv.path looks like/);
    expect(journal.entries).toHaveLength(1);
    expect(readFileSync(journal.path, 'utf8')).not.toContain(key);
    journal.append(choice('/data/heart.csv'));
    journal.close();
    expect(() => journal.append(choice('/x'))).toThrow(/is closed/);
  });

  it('is listed, last written first, and a broken one is named and skipped', () => {
    const folder = mkdtempSync(join(root, 'list-'));
    const first = start(folder);
    first.close();
    const second = start(folder);
    second.close();
    writeFileSync(join(folder, 'broken.jsonl'), 'x\n');
    const { journals, problems } = listJournals(folder);
    expect(journals.map((each) => each.path).sort()).toEqual([first.path, second.path].sort());
    expect(problems).toEqual([expect.stringContaining('broken.jsonl')]);
    expect(listJournals(join(folder, 'absent'))).toEqual({ journals: [], problems: [] });
  });
});
