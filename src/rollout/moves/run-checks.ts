/** The plan's own checks, before green gets traffic and before blue is retired; beside a hold, see `hold.ts`. */
import type { CheckAround, CheckTime } from '../checks/check.js';
import { checkVerdict, measure, sampleOf, type Measurement } from '../checks/measure.js';
import { INTERVAL_SECONDS, type PlannedCheck } from '../checks/planned.js';
import type { Decision } from '../evidence/gates/decision.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import type { PlannedProof } from '../plan/proof.js';
import type { MoveContext } from './context.js';
import { isOfThisSession, type Facts } from './facts.js';
import { hasPassed, judgedAt, notPassed } from './judged.js';
import { doMove, waitFor, type MoveKind } from './move.js';
import { retireMove } from './retire.js';

/** One answer that was lost is asked for again; a second one is an error. */
const TRIES = 2;

export const checksAt = ({ checks = [] }: PlannedProof, time: CheckTime): PlannedCheck[] =>
  checks.filter(({ mode, at }) => mode !== 'off' && (at?.includes(time) ?? true));

const timeOf = (facts: Facts): 'before' | 'retire' | undefined =>
  facts.greenWeight === 0 ? 'before' : retireMove.when(facts) ? 'retire' : undefined;

export const runChecksMove = {
  id: 'run-checks',
  title: ({ time }) =>
    time === 'before'
      ? 'Run your checks before any traffic'
      : 'Run your checks before blue retires',

  when(facts: Facts) {
    const { plan, view, blue, green, greenWeight: weight } = facts;
    const time = timeOf(facts);
    if (!blue || !green || time === undefined || checksAt(plan, time).length === 0) {
      return undefined;
    }
    const last = judgedAt(view, green.name, 'checks', weight);
    if (hasPassed(last)) return undefined;
    if (last && isOfThisSession(facts, last)) {
      const { stage, decision } = last;
      return waitFor({
        for: 'reason',
        stage,
        weight,
        decision,
        verdicts: notPassed(last.verdicts),
      });
    }
    return doMove({ id: 'run-checks', blue: blue.name, green: green.name, weight, time });
  },

  async perform({ time, weight, ...pair }, context): Promise<Verdict[]> {
    const verdicts = await Promise.all(
      checksAt(context.plan, time).map((check) => untilKnown(check, { ...pair, weight }, context)),
    );
    await context.judge('checks', weight, verdicts, decisionOf(verdicts));
    return verdicts;
  },
} satisfies MoveKind<'run-checks'>;

function decisionOf(verdicts: readonly Verdict[]): Decision['do'] {
  const open = notPassed(verdicts);
  if (open.some(({ verdict }) => verdict === 'fail')) return 'stop';
  return open.length > 0 ? 'hold' : 'promote';
}

interface Pair {
  blue: string;
  green: string;
  weight: number;
}

/** For each measurement anew. */
function aroundOf(
  context: MoveContext,
  { blue, green, weight }: Pair,
  signal: AbortSignal,
): CheckAround {
  const { engine, options, clock, lag } = context;
  const at = clock.now();
  const time = new Date(at).toISOString();
  return {
    names: {
      ...{ endpoint: engine.endpoint, blue, green, weight: String(weight) },
      ...{ deployment: green, time },
    },
    workspace: engine.workspace,
    endpointId: context.endpoint.id,
    ...{ at, agoMs: 0 },
    ...{ folder: options.folder, variables: process.env, signal, lagMs: lag.lagMs },
  };
}

const alphaOf = ({ plan }: MoveContext): number | undefined => plan.gates?.alpha;

const pauseOf = ({ intervalSeconds = INTERVAL_SECONDS }: PlannedCheck): number =>
  intervalSeconds * 1000;

async function untilKnown(check: PlannedCheck, pair: Pair, context: MoveContext): Promise<Verdict> {
  const { clock, signal, emit } = context;
  const { judge, failureLimit = 0 } = check;
  const sample = sampleOf(check);
  const all: Measurement[] = [];
  // A mean between its limits may leave them with twice the sample; more would not end.
  const most = judge === 'mean' ? 2 * sample : sample + failureLimit + TRIES - 1;
  for (;;) {
    emit({ event: 'doing', title: `Check ${check.name}` });
    all.push(await measure(check, aroundOf(context, pair, signal)));
    const verdict = checkVerdict(check, all, alphaOf(context));
    const errors = all.filter(({ outcome }) => outcome === 'error').length;
    const known = verdict.verdict === 'pass' || verdict.verdict === 'fail';
    if (known || errors === TRIES || all.length === most) return verdict;
    await clock.delay(pauseOf(check), signal);
  }
}

/** Checks beside a hold, until `stop`. */
export interface Checking {
  /** What every check amounts to so far. */
  verdicts(): Verdict[];
  /** The enforced ones that failed, or could not be read twice in a row. */
  harm(): Verdict[];
  stop(): Promise<void>;
}

export function checkMeanwhile(context: MoveContext, pair: Pair): Checking {
  const { clock, signal } = context;
  const enough = new AbortController();
  const alpha = alphaOf(context);
  const until = AbortSignal.any([signal, enough.signal]);
  const seen = checksAt(context.plan, 'hold').map((check) => ({
    check,
    all: [] as Measurement[],
  }));
  const running = seen.map(async ({ check, all }) => {
    await clock.delay((check.delaySeconds ?? 0) * 1000, until);
    for (;;) {
      all.push(await measure(check, aroundOf(context, pair, until)));
      // What failed stays failed.
      if (checkVerdict(check, all, alpha).verdict === 'fail') return;
      await clock.delay(pauseOf(check), until);
    }
  });
  let fault: Error | undefined;
  const ended = Promise.all(running).catch((error: Error) => {
    if (!until.aborted) fault = error;
  });
  const verdicts = (): Verdict[] => seen.map(({ check, all }) => checkVerdict(check, all, alpha));
  return {
    verdicts,
    harm() {
      if (fault) throw fault;
      const unread = seen
        .filter(({ all }) => all.slice(-TRIES).every(({ outcome }) => outcome === 'error'))
        .filter(({ all }) => all.length >= TRIES);
      return notPassed(verdicts()).filter(
        ({ gate, verdict }) =>
          verdict === 'fail' || unread.some(({ check }) => gate === `check:${check.name}`),
      );
    },
    async stop() {
      enough.abort();
      await ended;
    },
  };
}
