// What a rollout does, by the program's own moves: prove, see the split, hold.
import { inVirtualTime } from './clock.mjs';
import { DEFAULT_GATES, prove, seeSplit, watchLive, withProbeErrors } from './program.mjs';
import { ALIKE, fileOf, service } from './services.mjs';

// A warning never changes the decision, and the bootstrap of p95 is most of the time.
export const GATES = {
  ...DEFAULT_GATES,
  latencyP95: { ...DEFAULT_GATES.latencyP95, mode: 'off' },
};

const kindOf = (kind) => ({ ...ALIKE, ...kind });
const endpoint = (traffic) => ({ name: 'bench', traffic, mirrorTraffic: {}, tags: {} });
const pair = { blue: 'blue', green: 'green' };

/** Before live traffic. @returns what follows, who said so, and rows sent to each */
export async function proofOf(seed, { rows = 300, planned = 300, gates = GATES, ...rest } = {}) {
  const kind = kindOf(rest);
  return inVirtualTime(async (clock) => {
    const { workspace, asked } = service(seed, kind, { clock });
    let rounds = 0;
    try {
      const proof = await prove({
        workspace,
        endpoint: endpoint({ blue: 100 }),
        ...pair,
        gates,
        planned,
        seed,
        draw: fileOf(seed, kind, rows),
        runId: 'bench',
        clock,
        emit: ({ event }) => {
          if (event === 'more') rounds += 1;
        },
      });
      const { decision, verdicts } = proof;
      const outcome = decision.do === 'promote' || decision.do === 'stop' ? decision.do : 'hold';
      const by = decision.because?.[0]?.gate;
      return { outcome, by, verdicts, rows: proof.rows.length, asked, decision, rounds };
    } catch (error) {
      if (!error?.outcome) throw error;
      return { outcome: error.outcome.kind, by: error.outcome.lines[0], verdicts: [], asked };
    }
  });
}

/** After a change of traffic. @param configured, served percent that green has, and really gets */
export async function splitOf(
  seed,
  { configured, served = configured, count = 100, budget: most = 2000, gates = GATES, ...rest },
) {
  const kind = kindOf(rest);
  return inVirtualTime(async (clock) => {
    const split = { blue: 100 - configured, green: configured };
    const { workspace, asked } = service(seed, kind, {
      clock,
      split,
      served: { blue: 100 - served, green: served },
    });
    const budget = { left: most };
    try {
      const { seen, verdict, result } = await seeSplit({
        workspace,
        endpoint: endpoint(split),
        deployments: ['blue', 'green'],
        since: clock.now(),
        ...pair,
        gates,
        bodies: [{ base: 1 }],
        count,
        budget,
        runId: 'bench',
        clock,
        emit: () => undefined,
      });
      const failing = withProbeErrors(verdict, seen, pair, gates).some(
        (each) => each.mode === 'enforce' && each.verdict === 'fail',
      );
      const outcome =
        failing || result === 'wrong' ? 'stop' : result === 'fits' ? 'promote' : 'hold';
      return { outcome, by: verdict?.why, probes: asked.probes, verdict };
    } catch (error) {
      if (!error?.outcome) throw error;
      return { outcome: error.outcome.kind, by: error.outcome.lines[0], probes: asked.probes };
    }
  });
}

/** At a share of live traffic for so many minutes. */
export async function holdOf(seed, { share, minutes = 5, gates = GATES, ...rest }) {
  const kind = kindOf(rest);
  return inVirtualTime(async (clock) => {
    const split = { blue: 100 - share, green: share };
    kind.changedAt ??= clock.now();
    kind.splitBefore ??= { blue: 50, green: 50 };
    const { workspace } = service(seed, kind, { clock, split });
    const since = clock.now();
    const { asks, verdicts, why } = await watchLive({
      workspace,
      endpoint: endpoint(split),
      ...pair,
      share,
      hold: { minutes, requests: 0, approval: false },
      gates,
      onFail: 'rollback',
      onUnwatched: 'hold',
      since,
      clock,
      emit: () => undefined,
      check: async () => undefined,
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
