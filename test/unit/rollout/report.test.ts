/** The report of a rollout: what a reviewer needs, and no cell of the file. */
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/rollout/journal/entry.js';
import type { JournalEvent } from '../../../src/rollout/journal/journal.js';
import { makeReport } from '../../../src/rollout/report.js';
import { reportMarkdown } from '../../../src/rollout/report-markdown.js';
import { planLines } from '../../../src/rollout/report-plan.js';
import { journalView, splitSince } from '../../../src/rollout/journal/view.js';
import { deployment, endpoint, snapshot } from './fixtures.js';

const SHA = 'ab'.repeat(32);
const entries = (...events: JournalEvent[]): JournalEntry[] =>
  events.map((event, index) => ({
    at: new Date(Date.UTC(2026, 0, 1, 12, index)).toISOString(),
    seq: index + 1,
    ...event,
  }));

const opened: JournalEvent = {
  event: 'opened',
  rolloutId: 'r1',
  workspace: { subscriptionId: 's', resourceGroup: 'rg', workspaceName: 'ws' },
  endpoint: 'heart',
  owner: 'ada',
  version: '0',
};
const moved = (id: number, to: Record<string, number>): JournalEvent[] => [
  {
    event: 'begun',
    id,
    title: 'set traffic',
    change: { kind: 'setTraffic', endpoint: 'heart', from: { default: 100 }, to, why: 'advance' },
    splitBefore: { default: 100 },
  },
  { event: 'ended', id, ok: true, readBack: 'confirmed', seconds: 2.1 },
];
const watched: JournalEvent = {
  event: 'watched',
  weight: 10,
  until: '2026-01-01T12:30:00.000Z',
  judgedUntil: '2026-01-01T12:27:00.000Z',
};

describe('a report', () => {
  const events: JournalEvent[] = [
    opened,
    {
      event: 'choice',
      choice: {
        plan: {
          weights: [10, 100],
          evidence: { csv: '/home/ada/heart.csv', rows: 300, seed: 4711, target: 'target' },
          holds: { minutes: 30, requests: 50 },
          gates: { labels: { mode: 'enforce', limit: 0.02 } },
          steps: [{ at: 10, holds: { approval: true } }],
          onUnwatched: 'rollback',
        },
        planFile: { name: 'rollout.yml', sha256: SHA },
        planReason: { gates: ['labels'], reason: 'a better model | differs' },
      },
    },
    ...moved(1, { default: 90, 'x-8': 10 }),
    {
      event: 'judged',
      stage: 'watch',
      deployment: 'x-8',
      weight: 10,
      decision: 'stop',
      verdicts: [
        {
          gate: 'liveErrors',
          mode: 'enforce',
          verdict: 'fail',
          blue: '0 / 90',
          green: '9 / 10',
          difference: '+90.0 pp, up to 99.0',
          limit: '1.0 pp',
          why: 'Live requests fail +90.0 pp more often on green.',
        },
        {
          gate: 'liveCapacity',
          mode: 'enforce',
          verdict: 'pass',
          blue: '0',
          green: '0',
          difference: '0%',
          limit: '1%',
          why: 'Green turned away 0 of 10 live requests.',
        },
      ],
    },
  ];
  const report = makeReport(
    snapshot(endpoint({ default: 100 }), [deployment('default'), deployment('x-8')]),
    journalView(entries(...events)),
    { deploymentYaml: () => '', az: () => [], rollback: 'aml-rollout rollback heart' },
    { program: 'aml-rollout 0', reportedAt: '2026-01-01T13:00:00Z' },
  );

  it('has the plan with its hash and why it was changed, in Markdown and in JSON', () => {
    expect(report).toMatchObject({
      owner: 'ada',
      plan: { weights: [10, 100], holds: { minutes: 30 } },
      planFile: { name: 'rollout.yml', sha256: SHA },
      planReason: { reason: 'a better model | differs' },
    });
    const text = reportMarkdown(report);
    const lines = text.split('\n');
    expect(lines).toContain('## Plan');
    for (const line of [
      '| by | ada |',
      '| steps | 10, 100% |',
      '| hold at each | 30 min, 50 live requests |',
      '| rows | 300, of heart.csv, seed 4711, target target |',
      '| gates | labels differ enforce, limit 0.02 |',
      '| at 10% | hold approval true |',
      '| when a gate fails | rollback |',
      '| unwatched minutes | rollback |',
      `| file | rollout.yml, SHA-256 ${SHA} |`,
      '| changed because | a better model \\| differs (labels) |',
    ]) {
      expect(lines).toContain(line);
    }
    expect(JSON.stringify(report) + text).not.toContain('/home/ada');
  });

  it('has each verdict with its numbers, and why it is none that passes', () => {
    const text = reportMarkdown(report);
    expect(text).toContain('### live minutes, x-8 at 10%: stop');
    expect(text).toContain(
      '| live errors | enforce | 0 / 90 | 9 / 10 | +90.0 pp, up to 99.0 | 1.0 pp | fail |',
    );
    expect(text).toContain('- live errors: Live requests fail +90.0 pp more often on green.');
    expect(text).not.toContain('- live 429:');
    expect(text).toMatch(
      /\| 2026-01-01T12:02:00.000Z \| set traffic \| done, verified \| 2.1 s \|/,
    );
  });

  it('says of a plan that says nothing what is done then', () => {
    expect(planLines({ weights: [100] })).toEqual([
      ['steps', '100%'],
      ['hold at each', '5 min'],
      ['probes', '100 after each change, 2,000 in all'],
      ['gates', 'defaults'],
      ['when a gate fails', 'rollback'],
      ['unwatched minutes', 'hold'],
    ]);
  });
});

it('says in words when a check is asked', () => {
  const command = { argv: ['true'], value: 'exitCode' as const };
  const plan = {
    weights: [100],
    checks: [{ name: 'smoke', at: ['before' as const, 'retire' as const], command }],
  };
  expect(planLines(plan)).toContainEqual(['check smoke', 'command, at before, retire']);
});

describe('until when somebody watched', () => {
  it('is kept for the present split, and forgotten with the next one', () => {
    const first = entries(opened, ...moved(1, { default: 90, 'x-8': 10 }), watched);
    expect(journalView(first).watched).toEqual({
      weight: 10,
      until: '2026-01-01T12:30:00.000Z',
      judgedUntil: '2026-01-01T12:27:00.000Z',
    });
    expect(splitSince(journalView(first))).toBe(Date.parse('2026-01-01T12:02:00.000Z'));
    const next = entries(opened, ...moved(1, { default: 90 }), watched, ...moved(2, { 'x-8': 30 }));
    expect(journalView(next).watched).toBeUndefined();
  });
});
