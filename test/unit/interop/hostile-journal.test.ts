/**
 * Journals travel as artifacts of a build: whatever their lines hold, a journal is either refused by
 * name or exported, and nothing that it holds runs or leaves the folder.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportFiles, type ExportedFile } from '../../../src/interop/export.js';
import type { Change } from '../../../src/rollout/changes/change.js';
import { JournalError, readJournal } from '../../../src/rollout/journal/journal.js';
import { journalSnapshot } from '../../../src/rollout/journal/snapshot.js';
import { journalView } from '../../../src/rollout/journal/view.js';
import { all, context } from './changes.js';
import {
  CALLS_AND_TEXTS,
  EXPECTED_CALLS,
  FAKE_AZ,
  has,
  hostile,
  inPython,
  runShell,
  why,
} from './exported-code.js';

type Json = Record<string, unknown>;

const at = '2026-01-01T00:00:00.000Z';

const csv = { name: 'heart.csv', sha256: '0a', seed: 7, rows: 5, rowNumbers: [1, 2] };
const verdict = {
  ...{ gate: 'errors', mode: 'enforce', verdict: 'fail', why: 'Too many.' },
  ...{ blue: '0 / 9', green: '9 / 9', difference: '100 pp', limit: '1 pp' },
  measured: { unit: 'pp', blue: 0, green: 100, difference: 100, low: 90, high: 100, limit: 1 },
};
const OTHERS: Json[] = [
  {
    event: 'choice',
    choice: {
      roles: { blue: 'default', green: 'x-8' },
      plan: {
        weights: [10, 100],
        evidence: { csv: 'heart.csv', rows: 5, seed: 7 },
        gates: { alpha: 0.05, errors: { mode: 'warn' } },
        steps: [{ at: 10, holds: { minutes: 1 } }],
        checks: [{ name: 'users', pass: '> 1', at: ['hold'] }],
        visibleVariables: ['WORKERS'],
      },
      planFile: { name: 'plan.yml', sha256: '0a' },
      planReason: { gates: ['errors'], reason: 'known' },
    },
  },
  {
    event: 'tested',
    result: {
      ...{ purpose: 'prove', csv, deployments: ['default', 'x-8'], answered: 5, failed: 0 },
      ...{ agreed: 4, differing: [2], right: { default: 4 }, medianLatencyMs: { default: 2 } },
      figures: { latency: { rows: [1, 2], ms: { default: [1, 2], 'x-8': [2, 3] } } },
    },
  },
  {
    event: 'judged',
    stage: 'prove',
    deployment: 'x-8',
    weight: 0,
    decision: 'stop',
    verdicts: [verdict],
  },
  { event: 'watched', weight: 10, until: at, judgedUntil: at },
  { event: 'probed', weight: 10, sent: 3, served: { default: 3 } },
  { event: 'adopted', traffic: { default: 100 }, drift: 'moved' },
  { event: 'aborted', restored: { default: 100 } },
  { event: 'completed', report: 'report.md' },
];

/** A journal in which each of these changes was made. */
const linesOf = (changes: readonly Change[]): Json[] =>
  [
    {
      event: 'opened',
      rolloutId: 'r',
      workspace: context,
      endpoint: 'heart',
      owner: 'ada',
      version: '0',
    },
    ...changes.flatMap((change, index) => [
      { event: 'begun', id: index, change, title: change.kind, splitBefore: { default: 100 } },
      { event: 'ended', id: index, ok: true, readBack: 'confirmed', seconds: 1 },
    ]),
    ...OTHERS,
  ].map((line, index) => ({ format: 2, at, seq: index + 1, ...line }));

/** Every member of a value, and of what is in it, by its path. */
const pathsIn = (value: unknown, path: string[] = []): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, each]) => [
        [...path, name],
        ...pathsIn(each, [...path, name]),
      ])
    : [];

/** The value with another one at this path; `undefined` leaves the member out. */
function withMember(value: unknown, [name, ...rest]: readonly string[], other: unknown): unknown {
  if (name === undefined) return other;
  const inner = withMember((value as Json)[name], rest, other);
  if (Array.isArray(value)) return value.map((each, index) => (`${index}` === name ? inner : each));
  return { ...(value as Json), [name]: inner };
}

const RUNS = [
  '1\ntouch pwned #',
  '1; touch pwned',
  '$(touch pwned)',
  '1; evil("pwned")',
  '../../pwned',
];
const anything = fc.oneof(
  hostile,
  fc.constantFrom(...RUNS),
  fc.constantFrom(undefined, null, true, -1, 0.5, 101, 1e21, [], {}, '', '\0', '__proto__'),
  hostile.map((text) => ({ [text]: text })),
  fc.constantFrom(...RUNS).map((text) => ({ 'x-8': text })),
  fc.constantFrom(...RUNS).map((text) => ({ [text]: 100 })),
);

const PLACES = pathsIn(linesOf(all));
const TEXTS = PLACES.filter(
  (path) =>
    typeof path.reduce<unknown>((value, name) => (value as Json)[name], linesOf(all)) === 'string',
);
const edit = fc.oneof(
  fc.tuple(fc.constantFrom(...PLACES), anything),
  fc.tuple(fc.constantFrom(...TEXTS), fc.oneof(hostile, fc.constantFrom(...RUNS))),
);

const broken = fc.array(edit, { minLength: 1, maxLength: 2 }).map((edits) =>
  edits.reduce<unknown>((lines, [path, other]) => {
    try {
      return withMember(lines, path, other);
    } catch {
      // The first edit took away what the second one was about.
      return lines;
    }
  }, linesOf(all)),
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aml-rollout-hostile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What is exported from such a journal; `undefined`: it is refused. */
async function exported(lines: readonly unknown[]): Promise<ExportedFile[] | undefined> {
  const path = join(folder, 'heart-r.jsonl');
  const text = lines.map((line) => `${JSON.stringify(line) ?? ''}\n`).join('');
  writeFileSync(path, text);
  let entries;
  try {
    ({ entries } = readJournal(path));
  } catch (error) {
    expect(error).toBeInstanceOf(JournalError);
    expect((error as Error).message).toMatch(
      /^Line \d+ of the journal .*heart-r\.jsonl [^\n\x1b]+$/,
    );
    return undefined;
  }
  const view = journalView(entries);
  const now = journalSnapshot(view);
  if (!now) return undefined;
  return exportFiles(now, view, {
    reach: '--sandbox',
    program: 'test',
    reportedAt: at,
    dir: folder,
  });
}

describe('a journal from elsewhere', () => {
  it('is exported where nothing is odd', async () => {
    const files = await exported(linesOf(all));
    expect(files?.map(({ name }) => name)).toContain('rollout.sh');
  });

  it('puts no line and no control character of its own into the report', async () => {
    const texts: string[] = [];
    for (const path of TEXTS) {
      const lines = withMember(linesOf(all), path, 'x\n# pwned\u001b]0;x\u0007\u202e') as Json[];
      const files = await exported(lines);
      if (files) texts.push(files.find(({ name }) => name === 'report.md')!.text);
    }
    expect(texts.length).toBeGreaterThan(TEXTS.length / 4);
    expect(texts.filter((text) => /^# pwned|[\u001b\u0007\u202e]/m.test(text))).toEqual([]);
  });

  it(`runs nothing and writes beside itself only, whatever its lines hold${why(!has.python, 'python3')}`, async () => {
    writeFileSync(join(folder, 'az'), FAKE_AZ, { mode: 0o755 });
    const work = mkdtempSync(join(folder, 'work-'));
    const scripts: string[] = [];
    let refused = 0;
    const samples = fc.sample(broken, { numRuns: 500, seed: 2112 }) as Json[][];
    for (const lines of samples) {
      const files = await exported(lines);
      if (!files) {
        refused += 1;
        continue;
      }
      for (const { name, text } of files) {
        expect(name).toMatch(/^(?:charts\/)?[\w-]+\.\w+$/);
        if (name.endsWith('.py')) scripts.push(text);
      }
      // One in two is run: a shell costs more than all the rest.
      const script = files.find(({ name }) => name === 'rollout.sh')!.text;
      if (scripts.length % 8 === 0)
        runShell(script.replace('cd "$(dirname "$0")"', ''), work, folder);
      expect(readdirSync(work)).not.toContain('pwned');
    }
    expect(refused).toBeGreaterThan(samples.length / 4);
    expect(scripts.length).toBeGreaterThan(samples.length / 8);
    if (!has.python) return;
    const found = inPython(CALLS_AND_TEXTS, scripts) as { calls: string[] }[];
    const calls = new Set(found.flatMap((each) => each.calls));
    expect([...calls].filter((call) => !EXPECTED_CALLS.includes(call))).toEqual([]);
  });
});
