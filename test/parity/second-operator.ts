/** A second operator acts while a rollout is under way: each act at each moment, at both faces. */
import { expect } from 'vitest';
import type { Right, Row } from './row.js';
import { BLUE, GREEN, type Interruption, type Stage } from './world.js';

interface Act {
  id: string;
  title: string;
  does(stage: Stage): Promise<void>;
  /** What is live afterwards, where green had 10%. */
  split: Right['split'];
  deployments?: string[];
  /** What is said to have changed. */
  says: RegExp;
  /** Without traffic on green and without tags there is nothing that this act could change. */
  needsTraffic?: boolean;
  /** It ends the rollout: no command that raises green again is offered. */
  ends?: boolean;
}

const BOTH = [BLUE, GREEN];
const OTHER_ID = '0therr011';

/** The split at the start is restored with the tags gone: what these two commands leave. */
const byCommand = (name: 'abort' | 'rollback'): Act => ({
  id: name,
  title: name,
  does: async (stage) => {
    const { code, stderr } = await stage.colleague(name, stage.endpoint, '--yes');
    expect({ code, stderr }).toMatchObject({ code: 0 });
  },
  split: { [BLUE]: 100 },
  says: /default=100/,
  needsTraffic: true,
  ends: true,
});

const moves = (id: string, title: string, green: number): Act => ({
  id,
  title,
  does: (stage) => stage.putTraffic({ [BLUE]: 100 - green, [GREEN]: green }),
  split: { [BLUE]: 100 - green, [GREEN]: green },
  says: new RegExp(`${GREEN}=${green}`),
});

const withoutOurs = (tags: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([name]) => !name.startsWith('amlr-')));

export const ACTS: readonly Act[] = [
  byCommand('abort'),
  byCommand('rollback'),
  { ...moves('lower', 'lower green’s weight', 5), needsTraffic: true },
  moves('raise', 'raise green’s weight', 50),
  {
    id: 'no-green',
    title: 'delete green',
    async does(stage) {
      await stage.putTraffic({ [BLUE]: 100 });
      await stage.delete(GREEN);
    },
    split: { [BLUE]: 100 },
    deployments: [BLUE],
    says: /(?:deleted|no longer|gone)[^.]*green|green[^.]*(?:deleted|gone|no longer)/i,
  },
  {
    id: 'no-blue',
    title: 'delete blue',
    async does(stage) {
      await stage.putTraffic({ [GREEN]: 100 });
      await stage.delete(BLUE);
    },
    split: { [GREEN]: 100 },
    deployments: [GREEN],
    says: /(?:deleted|no longer|gone)[^.]*default|default[^.]*(?:deleted|gone|no longer)/i,
  },
  {
    id: 'no-endpoint',
    title: 'delete the endpoint',
    does: (stage) => stage.delete(),
    split: 'no endpoint',
    deployments: [],
    says: /(?:deleted|no longer|gone)[^.]*endpoint|endpoint[^.]*(?:deleted|gone|no longer)/i,
  },
  {
    id: 'other-id',
    title: 'another rollout’s id in the tags',
    async does(stage) {
      const tags = { ...(await stage.tags()), 'amlr-rollout': OTHER_ID, 'amlr-owner': 'bob' };
      await stage.putTraffic((await stage.split()) ?? {}, tags);
    },
    split: { [BLUE]: 90, [GREEN]: 10 },
    says: new RegExp(OTHER_ID),
  },
  {
    id: 'no-tags',
    title: 'the tags wiped',
    async does(stage) {
      await stage.putTraffic((await stage.split()) ?? {}, withoutOurs(await stage.tags()));
    },
    split: { [BLUE]: 90, [GREEN]: 10 },
    says: /\btags?\b/i,
    needsTraffic: true,
    ends: true,
  },
];

export interface Moment {
  id: string;
  title: string;
  /** The requests before which the act happens; all are reads, or requests for a prediction. */
  before: Parameters<Stage['first']>[1];
  /** How the plan holds; in a hold no probes are left, whose number hangs on the machine. */
  holds: string;
  /** Green has traffic by then. */
  live: boolean;
}

const PROBE = { match: { pinned: false, path: '^/score' }, times: 100 };

const momentsOf = (endpoint: string): Moment[] => [
  {
    id: 'proof',
    title: 'during the proof',
    before: {
      match: { deployment: GREEN, path: '^/score' },
      after: { match: { deployment: GREEN, path: '^/score' }, times: 10 },
    },
    holds: 'holds: {minutes: 0}',
    live: false,
  },
  {
    id: 'probes',
    title: 'during the probes at 10%',
    before: { match: PROBE.match, after: { ...PROBE, times: 40 } },
    holds: 'holds: {minutes: 0}',
    live: true,
  },
  {
    id: 'steps',
    title: 'between 10% and 30%, no hold',
    before: { match: { method: 'GET', path: `onlineEndpoints/${endpoint}\\?` }, after: PROBE },
    holds: 'holds: {minutes: 0}',
    live: true,
  },
  {
    id: 'hold',
    title: 'during the hold at 10%',
    before: {
      match: { path: 'Microsoft.Insights/metrics' },
      after: { match: { path: 'Microsoft.Insights/metrics' }, times: 1 },
    },
    holds: 'holds: {minutes: 1}\nprobes: {count: 100, budget: 100}',
    live: true,
  },
];

/** One act at one moment. */
export function interrupted(act: Act, moment: Moment): Row {
  const { live } = moment;
  const acts = new WeakMap<Stage, { interruption: Interruption; lines: number }>();
  return {
    id: `${act.id}-${moment.id}`,
    title: `${moment.title}: ${act.title}`,
    plan: {
      rest: `weights: [10, 30, 100]\n${moment.holds}\ngates: {errors: warn, latency: warn, capacity: warn, accuracy: warn}`,
      evidence: { rows: 20 },
    },
    async prepare(stage) {
      const seen = { lines: Infinity };
      const interruption = await stage.first(
        async () => {
          await act.does(stage);
          seen.lines = stage.journal().length;
        },
        // The stage's own endpoint is in the path of a look at it.
        momentsOf(stage.endpoint).find(({ id }) => id === moment.id)!.before,
      );
      acts.set(stage, {
        interruption,
        get lines() {
          return seen.lines;
        },
      });
    },
    async drive(face, stage) {
      await face.start();
      const { interruption } = acts.get(stage)!;
      await face.until(interruption.has);
      const meaning = await face.rest();
      interruption.giveUp();
      await interruption.done;
      expect(interruption.has(), 'the other operator acted').toBe(true);
      return meaning;
    },
    right: {
      says: 'ends with 6 and says what changed and when; nothing more is written',
      meaning: 'changed elsewhere',
      // Before the proof is over, what the tags' writer leaves alone is blue's.
      split: live || act.id !== 'other-id' ? act.split : { [BLUE]: 100 },
      also({ deployments, says }, stage) {
        expect(deployments).toEqual(act.deployments ?? BOTH);
        const after = stage.journal().slice(acts.get(stage)!.lines);
        expect(after.filter(({ event }) => event === 'begun')).toEqual([]);
        const said = says.replace(/\s+/g, ' ');
        expect(said).toMatch(act.says);
        if (act.ends) expect(said).not.toContain('Continue:');
        expect(said, 'when').toMatch(/\b(?:at|since|between|after) [^.]*\d\d:\d\d/);
      },
    },
  };
}

/**
 * Every act between steps, where most is at stake, and each at one moment more at least; every act
 * at every moment takes minutes, and is driven with PARITY_ALL=1.
 */
const CHOSEN: Record<string, readonly string[]> = {
  proof: ['raise', 'no-endpoint', 'other-id'],
  probes: ['rollback', 'lower', 'no-blue', 'other-id'],
  steps: ACTS.map(({ id }) => id),
  hold: ['abort', 'raise', 'no-green', 'no-tags'],
};

const pairsOf = (isMeant: (moment: Moment, act: Act) => boolean): Row[] =>
  momentsOf('').flatMap((moment) =>
    ACTS.filter((act) => (moment.live || !act.needsTraffic) && isMeant(moment, act)).map((act) =>
      interrupted(act, moment),
    ),
  );

export const INTERRUPTIONS: readonly Row[] = pairsOf(
  ({ id }, act) => CHOSEN[id]?.includes(act.id) ?? false,
);

export const ALL_INTERRUPTIONS: readonly Row[] = pairsOf(() => true);
