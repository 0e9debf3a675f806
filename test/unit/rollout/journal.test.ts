import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
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
import { journalView } from '../../../src/rollout/journal/view.js';
import { findJournal, openJournal } from '../../../src/rollout/journal/open.js';
import { decodeTags } from '../../../src/rollout/tags.js';

const opened = {
  rolloutId: 'r',
  workspace: { subscriptionId: 's', resourceGroup: 'rg', workspaceName: 'ws' },
  endpoint: 'heart',
  owner: 'ada',
  version: '0',
};

const AT = '2026-01-01T00:00:00.000Z';

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
  it('with an entry that is nested too deep is refused with its line', () => {
    const { path } = start();
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    appendFileSync(
      path,
      `{"format":1,"seq":2,"at":"${AT}","event":"choice","choice":{"csv":${deep}}}\n`,
    );
    expect(() => readJournal(path)).toThrow(/^Line 2 of the journal/);
  });

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
    expect(listJournals(join(folder, 'absent'))).toEqual({
      journals: [],
      problems: [],
      broken: [],
    });
  });

  it('is never outside its folder, whatever the tags say', () => {
    const tags = { 'amlr-rollout': '../../../../x', 'amlr-blue': '../x', 'amlr-green': 'x-8' };
    expect(decodeTags(tags)).toEqual({ roles: { green: 'x-8' } });
    expect(decodeTags({ 'amlr-rollout': 'a'.repeat(65) }).rolloutId).toBeUndefined();
    expect(decodeTags({ 'amlr-rollout': '0fc1-x' }).rolloutId).toBe('0fc1-x');
    const folder = join(root, 'deep', 'in', 'journals');
    for (const [endpoint, rolloutId] of [
      ['heart', '../../../../x'],
      ['heart', 'a/b'],
      ['heart', 'a'.repeat(300)],
      ['..', 'a'],
      ['heart\0', 'a'],
      ['heart', ''],
    ] as const) {
      expect(() => Journal.create(folder, { ...opened, endpoint, rolloutId })).toThrow(
        JournalError,
      );
    }
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    ['an event', '{"event":"danced"}', /unknown event, "danced"/],
    [
      'a kind of change',
      '{"event":"begun","id":1,"title":"t","change":{"kind":"dance"}}',
      /unknown kind of change, "dance"/,
    ],
    [
      'a kind of change that is a text without end',
      JSON.stringify({
        event: 'begun',
        id: 1,
        title: 't',
        change: { kind: `\x1b[2J${'a'.repeat(500)}` },
      }),
      /unknown kind of change, "[^\x1b]{78}…\. Move/,
    ],
    [
      'a weight that is a text',
      '{"event":"begun","id":1,"title":"t","change":{"kind":"setTraffic","endpoint":"heart","from":{},"to":{"x-8":"100"},"why":"advance"}}',
      /begun has no valid change.to.x-8/,
    ],
    [
      'traffic without its weights',
      '{"event":"begun","id":1,"title":"t","change":{"kind":"setTraffic","endpoint":"heart","from":{},"why":"advance"}}',
      /begun has no valid change.to\./,
    ],
    [
      'a path for a role',
      '{"event":"begun","id":1,"title":"t","change":{"kind":"createDeployment","endpoint":"heart","deployment":"x-8","role":"../../x","spec":{"model":"m","instanceType":"t","instanceCount":1}}}',
      /begun has no valid change.role/,
    ],
    ['a newer format', '{"event":"aborted","format":3,"restored":{}}', /format 3, which a newer/],
    [
      'a path for an id',
      '{"event":"opened","rolloutId":"../x","endpoint":"e","owner":"o","version":"0"}',
      /no valid rolloutId/,
    ],
    ['a change without its id', '{"event":"accepted","operation":"u"}', /accepted has no valid id/],
  ])('is refused with a sentence where a line holds %s', (_, line, sentence) => {
    const journal = start();
    journal.close();
    const whole = { format: 1, at: '2026-01-01T00:00:00.000Z', seq: 2, ...JSON.parse(line) };
    appendFileSync(journal.path, `${JSON.stringify(whole)}\n`);
    expect(() => readJournal(journal.path)).toThrow(sentence);
    expect(() => readJournal(journal.path)).toThrow(
      /^Line 2 of the journal .* Move the file aside/,
    );
  });

  it('carries its format in every line, and is read without it', () => {
    const journal = start();
    journal.append(choice('/data/heart.csv'));
    journal.close();
    const lines = readFileSync(journal.path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).format)).toEqual([2, 2]);
    const older = lines.map((line) => line.replace('"format":2,', '')).join('\n');
    writeFileSync(journal.path, `${older}\n`);
    expect(readJournal(journal.path).entries).toHaveLength(2);
  });

  it('is read under the names of today, whatever an earlier version called the two sides', () => {
    const journal = start();
    const verdict = {
      gate: 'errors' as const,
      mode: 'enforce' as const,
      verdict: 'pass' as const,
      blue: '0 / 9',
      green: '1 / 9',
      difference: '+11.1 pp',
      limit: '20.0 pp',
      why: '',
    };
    const judgement = { stage: 'prove' as const, deployment: 'x-8', weight: 0 };
    journal.append({ event: 'judged', ...judgement, decision: 'promote', verdicts: [verdict] });
    journal.close();
    const written = readFileSync(journal.path, 'utf8');
    const earlier = written.replace('"blue":', '"live":').replace('"green":', '"fresh":');
    expect(earlier).toContain('"live":"0 / 9","fresh":"1 / 9"');
    writeFileSync(journal.path, earlier);
    const verdicts = { verdicts: [verdict] };
    expect(readJournal(journal.path).entries[1]).toMatchObject(verdicts);
    const opened = Journal.open(journal.path);
    expect(opened.entries[1]).toMatchObject(verdicts);
    opened.close();
  });

  it('is read where an earlier version called a traffic weight a share', () => {
    const lines = [
      { event: 'watched', share: 10, until: AT, judgedUntil: AT },
      { event: 'probed', share: 10, sent: 3, served: { green: 3 } },
      {
        event: 'judged',
        share: 10,
        stage: 'split',
        deployment: 'x-8',
        verdicts: [],
        decision: 'hold',
      },
      { event: 'choice', choice: { holdEnded: { change: 1, share: 10, why: 'approved' } } },
    ];
    const journal = start();
    journal.close();
    const text = lines.map((line, at) =>
      JSON.stringify({ format: 1, at: AT, seq: at + 2, ...line }),
    );
    appendFileSync(journal.path, `${text.join('\n')}\n`);
    const { entries } = readJournal(journal.path);
    expect(entries.slice(1)).toMatchObject([
      { event: 'watched', weight: 10 },
      { event: 'probed', weight: 10 },
      { event: 'judged', weight: 10 },
      { choice: { holdEnded: { change: 1, weight: 10, why: 'approved' } } },
    ]);
    expect(JSON.stringify(entries)).not.toContain('share');
    const view = journalView(entries);
    expect(view.watched).toEqual({ weight: 10, until: AT, judgedUntil: AT });
    expect(view.judgements).toMatchObject([{ weight: 10, stage: 'split' }]);
    expect(view.probesSent).toBe(3);
    const opened = Journal.open(journal.path);
    expect(opened.append({ event: 'probed', weight: 30, sent: 1, served: {} })).toMatchObject({
      format: 2,
      weight: 30,
    });
    opened.close();
    expect(readJournal(journal.path).entries).toHaveLength(6);
  });

  it('is never taken for no rollout because it can not be read', () => {
    const folder = mkdtempSync(join(root, 'broken-'));
    const find = (endpoint: string, rolloutId?: string) =>
      findJournal(folder, opened.workspace, endpoint, rolloutId);
    const journal = Journal.create(folder, { ...opened, rolloutId: 'one' });
    journal.close();
    appendFileSync(journal.path, 'no json\n');
    const other = Journal.create(folder, { ...opened, endpoint: 'heart-2', rolloutId: 'two' });
    other.close();
    expect(() => find('heart')).toThrow(/Line 2 of the journal .*heart-one\.jsonl/);
    expect(() => find('heart', 'three')).toThrow(JournalError);
    expect(() => openJournal(folder, { ...opened, program: '0' })).toThrow(JournalError);
    expect(find('heart-2')).toBe(other.path);
    const elsewhere = { ...opened.workspace, workspaceName: 'other' };
    expect(findJournal(folder, elsewhere, 'heart')).toBeUndefined();
    const good = Journal.create(folder, { ...opened, rolloutId: 'three' });
    good.close();
    expect(find('heart', 'three')).toBe(good.path);
    // Without its first line only the file's name says whose it is.
    writeFileSync(journal.path, 'no json\n');
    expect(() => find('heart')).toThrow(/Line 1 of the journal/);
    expect(existsSync(journal.path)).toBe(true);
  });

  it('of an aborted rollout is not gone back to after a later one that was completed', () => {
    const folder = mkdtempSync(join(root, 'later-'));
    const find = () => findJournal(folder, opened.workspace, 'heart');
    const first = Journal.create(folder, { ...opened, rolloutId: 'first' });
    first.append({ event: 'aborted', restored: { default: 100 } });
    first.close();
    utimesSync(first.path, 1000, 1000);
    expect(find()).toBe(first.path);
    const later = Journal.create(folder, { ...opened, rolloutId: 'later' });
    later.append({ event: 'completed', report: 'report.md' });
    later.close();
    expect(find()).toBeUndefined();
  });

  it('says so where its folder is a file', () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    const sentence = expect.stringMatching(/it is a file, not a folder/) as string;
    expect(listJournals(file)).toMatchObject({ journals: [], problems: [sentence] });
    expect(() => findJournal(file, opened.workspace, 'heart')).toThrow(/it is a file/);
    expect(() => start(file)).toThrow(JournalError);
    expect(() => start(file)).toThrow(/can't be written/);
  });

  const limits = spawnSync('prlimit', ['--version']).status === 0;
  it.skipIf(!limits)(
    `keeps whole lines only when the disk is full${limits ? '' : ' (NOT CHECKED: prlimit is not installed)'}`,
    () => {
      const journal = start();
      journal.append(choice('/data/heart.csv'));
      const before = readFileSync(journal.path, 'utf8');
      const limit = (bytes: string) =>
        spawnSync('prlimit', ['--pid', `${process.pid}`, `--fsize=${bytes}:`]);
      // A file that may not grow is what a full disk is like: a part of the line is still taken.
      const ignore = () => {};
      process.on('SIGXFSZ' as NodeJS.Signals, ignore);
      try {
        limit(`${before.length + 20}`);
        expect(() => journal.append(choice('/data/other.csv'))).toThrow(
          /can't be written .*Nothing is sent that can't be journaled/,
        );
      } finally {
        limit('unlimited');
        process.off('SIGXFSZ', ignore);
      }
      expect(readFileSync(journal.path, 'utf8')).toBe(before);
      journal.append(choice('/data/other.csv'));
      journal.close();
      expect(readJournal(journal.path)).toMatchObject({ torn: false, entries: { length: 3 } });
    },
  );
});
