// What a rollout does, by the program's own moves: prove, verify the split, hold.
import { inVirtualTime } from './clock.mjs';
import {
  DEFAULT_GATES,
  MoveContext,
  newMemory,
  proveMove,
  verifySplitMove,
  watchLive,
} from './program.mjs';
import { ALIKE, fileOf, service } from './services.mjs';

// A warning never changes the decision, and the bootstrap of p95 is most of the time.
const CHANGES = { latencyP95: { mode: 'off' } };
const GATES = { ...DEFAULT_GATES, latencyP95: { ...DEFAULT_GATES.latencyP95, mode: 'off' } };

const kindOf = (kind) => ({ ...ALIKE, ...kind });
const pair = { blue: 'blue', green: 'green' };
const deployment = (name) => ({ name, model: `models/${name}`, instanceCount: 1 });

/** Rows come from the bench and not from a file; what gates said is kept. */
class BenchContext extends MoveContext {
  constructor(options, draw) {
    super(options, newMemory(options.clock.now(), 0));
    this.draw = draw;
  }

  async rows(count) {
    const rows = await this.draw(count);
    const csv = { name: 'bench.csv', sha256: '', seed: this.plan.evidence.seed };
    return { path: 'bench.csv', target: 'target', csv, rows, total: this.draw.total };
  }

  signature() {
    return Promise.resolve(undefined);
  }

  judge(_stage, _weight, verdicts, decision) {
    this.judged = { verdicts, decision };
    return Promise.resolve();
  }
}

function contextOf({ workspace, traffic, clock, draw, plan }) {
  const endpoint = { name: 'bench', traffic, mirrorTraffic: {}, tags: {} };
  const snapshot = {
    endpoint,
    endpointName: 'bench',
    deployments: [deployment('blue'), deployment('green')],
  };
  const ignore = () => undefined;
  const engine = {
    workspace,
    snapshot,
    view: { rolloutId: 'bench', choice: {}, changes: [], judgements: [], probesSent: 0 },
    roles: { roles: pair },
    observe: () => Promise.resolve(snapshot),
    judged: ignore,
    tested: ignore,
    probed: ignore,
    choose: ignore,
    watched: ignore,
  };
  const signal = new globalThis.AbortController().signal;
  return new BenchContext({ engine, plan, clock, signal, emit: ignore, folder: '' }, draw);
}

const outcomeOf = (decision) => (decision === 'promote' || decision === 'stop' ? decision : 'hold');

/** What ends a move ends the rollout. */
async function ended(work, asked) {
  try {
    return await work();
  } catch (error) {
    if (!error?.outcome) throw error;
    const { kind, lines } = error.outcome;
    return { outcome: kind, by: lines[0], verdicts: [], asked, probes: asked.probes };
  }
}

/** As a plan names them. */
const classesOf = ({ indexes }) => indexes && { classes: indexes.order };

/** Before live traffic. @returns what follows, who said so, and rows sent to each */
export async function proofOf(seed, { rows = 300, planned = 300, ...rest } = {}) {
  const kind = kindOf(rest);
  return inVirtualTime((clock) => {
    const { workspace, asked } = service(seed, kind, { clock });
    const plan = {
      weights: [100],
      gates: CHANGES,
      evidence: { csv: 'bench.csv', rows: planned, seed, ...classesOf(kind) },
    };
    const draw = fileOf(seed, kind, rows);
    const context = contextOf({ workspace, traffic: { blue: 100 }, clock, draw, plan });
    return ended(async () => {
      let rounds = 0;
      let round = await proveMove.perform({ id: 'prove', ...pair }, context);
      while (round.more) {
        rounds += 1;
        round = await proveMove.perform({ id: 'prove', ...pair, more: round.more }, context);
      }
      const { verdicts, decision } = round;
      const by = decision.because?.[0]?.gate;
      const outcome = outcomeOf(context.judged.decision);
      return { outcome, by, verdicts, rows: round.answers.length, asked, rounds };
    }, asked);
  });
}

/** After a change of traffic. @param configured, served percent that green has, and really gets */
export async function splitOf(seed, { configured, served = configured, ...rest }) {
  const kind = kindOf(rest);
  return inVirtualTime((clock) => {
    const split = { blue: 100 - configured, green: configured };
    const { workspace, asked } = service(seed, kind, {
      clock,
      split,
      served: { blue: 100 - served, green: served },
    });
    const plan = { weights: [100], gates: CHANGES, evidence: { csv: 'bench.csv', rows: 20, seed } };
    const draw = fileOf(seed, kind, 20);
    const context = contextOf({ workspace, traffic: split, clock, draw, plan });
    return ended(async () => {
      await verifySplitMove.perform({ id: 'verify-split', ...pair, weight: configured }, context);
      const { verdicts, decision } = context.judged;
      const outcome = outcomeOf(decision);
      return { outcome, by: verdicts[0]?.why, probes: asked.probes, verdicts };
    }, asked);
  });
}

/** At a share of live traffic for so many minutes. */
export async function holdOf(seed, { share, minutes = 5, ...rest }) {
  const kind = kindOf(rest);
  return inVirtualTime(async (clock) => {
    const split = { blue: 100 - share, green: share };
    kind.changedAt ??= clock.now();
    kind.splitBefore ??= { blue: 50, green: 50 };
    const { workspace } = service(seed, kind, { clock, split });
    const since = clock.now();
    const context = contextOf({ workspace, traffic: split, clock, plan: { weights: [100] } });
    const { asks, verdicts, why } = await watchLive(context, {
      ...pair,
      weight: share,
      hold: { minutes, requests: 0, approval: false },
      gates: GATES,
      onFail: 'rollback',
      onUnwatched: 'hold',
      since,
    });
    const outcome = asks === 'rollback' ? 'stop' : asks === 'go-on' ? 'promote' : 'hold';
    const minute = (clock.now() - since) / 60_000;
    return { outcome, by: why, verdicts, minute };
  });
}

/** From the first row to 100 %: proof, and at each weight the split and a hold. */
export async function rolloutOf(seed, { weights = [10, 50, 100], minutes = 5, ...kind } = {}) {
  const proof = await proofOf(seed, kind);
  if (proof.outcome !== 'promote') return { ...proof, at: 'proof' };
  for (const share of weights) {
    const split = await splitOf(seed * 31 + share, { configured: share, ...kind });
    if (split.outcome !== 'promote') return { ...split, at: `split ${share}` };
    const hold = await holdOf(seed * 37 + share, { share, minutes, ...kind });
    if (hold.outcome !== 'promote') return { ...hold, at: `hold ${share}` };
  }
  return { outcome: 'promote', at: 'end' };
}
