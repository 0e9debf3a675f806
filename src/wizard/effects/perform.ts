/** Performs moves of the rollout, and turns what they tell into what the screen shows. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../common/clock.js';
import { kindOf } from '../../rollout/changes/kinds.js';
import type { EngineEvent } from '../../rollout/engine-events.js';
import type { RowAnswer, RowAnswers } from '../../rollout/evidence/replay.js';
import { loadOf } from '../../rollout/moves/check-load.js';
import { MoveContext } from '../../rollout/moves/context.js';
import type { MoveEvent } from '../../rollout/moves/events.js';
import { plannedMeaning } from '../../rollout/evidence/output/meaning.js';
import type { RolloutPlan } from '../../rollout/moves/facts.js';
import { perform } from '../../rollout/moves/index.js';
import type { Move } from '../../rollout/moves/move.js';
import type { ProofRound } from '../../rollout/moves/prove.js';
import { bake as bakeOf } from '../../rollout/moves/retire.js';
import type { SplitLook } from '../../rollout/moves/verify-split.js';
import type { TestRun } from '../../rollout/moves/test.js';
import { bakeMinutes } from '../../rollout/plan/proof.js';
import { saveSample } from '../../sampling/payload.js';
import { shownPrediction, single } from '../../sampling/predictions.js';
import type { Performed, Tested, TestedRow } from './contract.js';
import { bodyOf } from './sample-body.js';
import { watchPhases } from './phases.js';
import { writeReportFiles } from './report-files.js';
import { openedOf, rolloutOf, workspaceOf, type Context, type Handlers } from './world.js';

/** The moves' own context, for one command of the wizard. */
function contextOf(
  { world, signal, progress }: Context,
  plan: RolloutPlan,
  more: { keepWatching?: boolean; lostMs?: number | undefined } = {},
): MoveContext {
  const rollout = rolloutOf(world);
  const sandbox = world.profile?.sandbox === true;
  return new MoveContext(
    {
      engine: rollout.engine,
      plan,
      folder: world.cwd,
      clock: systemClock,
      signal,
      emit: (event) => tell(event, progress),
      lagMs: world.lagMs,
      bakeMinutes: bakeMinutes(plan, sandbox),
      writeReport: async () => (await writeReportFiles(world))[0]?.path ?? '',
      ...more,
    },
    rollout.memory,
  );
}

function tell(event: MoveEvent, progress: Context['progress']): void {
  switch (event.event) {
    case 'count':
      return progress({ kind: 'count', done: event.done, total: event.total, unit: event.unit });
    case 'doing':
      return progress({ kind: 'title', title: event.title });
    case 'note':
    case 'waiting':
      return progress({ kind: 'message', text: event.message });
    case 'progress': {
      const { progress: now } = event;
      if (now.stage === 'sent') return progress({ kind: 'accepted' });
      if (now.stage !== 'uploading') return;
      const { sentBytes, totalBytes } = now.upload;
      return progress({ kind: 'count', done: sentBytes, total: totalBytes, unit: 'bytes' });
    }
    default:
  }
}

/** Changes by their names, a new deployment with the phases of its log. */
function followChanges({ world, progress }: Context): () => void {
  const { engine } = rolloutOf(world);
  let stop = (): void => {};
  const unsubscribe = engine.subscribe((event: EngineEvent) => {
    if (event.type === 'begun') {
      const { change, title } = event;
      const deployment = change.kind === 'createDeployment' ? change.deployment : undefined;
      const { usualSeconds } = kindOf(change);
      progress({ kind: 'title', title, change, usualSeconds, deployment });
      if (deployment !== undefined) {
        stop = watchPhases(workspaceOf(world), engine.endpoint, deployment, progress);
      }
    }
    if (event.type === 'confirmed') {
      progress({ kind: 'message', text: `${event.title} · verified · ${event.seconds} s` });
    }
    if (event.type === 'confirmed' || event.type === 'failed' || event.type === 'left') stop();
  });
  return () => {
    stop();
    unsubscribe();
  };
}

export const moveHandlers: Pick<
  Handlers,
  'perform' | 'watch' | 'adopt' | 'planLoad' | 'bake' | 'attachments'
> = {
  async perform({ move, plan }, context) {
    const rollout = rolloutOf(context.world);
    const unfollow = followChanges(context);
    try {
      const result = await perform(move, contextOf(context, plan));
      const shown = await shownOf(move, result, plan, context);
      await rollout.engine.observe(context.signal);
      return { id: move.id, shown, opened: openedOf(rollout) } as Performed;
    } finally {
      unfollow();
    }
  },

  /** Ends when its run is superseded or dropped, or when green has to go back. */
  async watch({ move, plan, lostMs }, context) {
    const { world, progress } = context;
    const rollout = rolloutOf(world);
    const isOpen = (): boolean => world.rollout === rollout && !context.signal.aborted;
    const moves = contextOf(context, plan, { keepWatching: true, lostMs });
    const { emit } = moves.options;
    moves.options.emit = (event) => {
      if (event.event !== 'live') return emit(event);
      if (isOpen()) progress({ kind: 'live', live: event.live, opened: openedOf(rollout) });
    };
    const watched = await perform(move, moves);
    return { watched, opened: openedOf(rollout) };
  },

  async adopt(_, { world, signal }) {
    const rollout = rolloutOf(world);
    await rollout.engine.observe(signal);
    rollout.engine.adopt();
    return openedOf(rollout);
  },

  async planLoad({ blue, weight, plan }, context) {
    return { load: await loadOf(contextOf(context, plan), blue, weight) };
  },

  attachments: ({ blue }, { world, signal }) => workspaceOf(world).attachments(blue.id, signal),

  bake: ({ blue }, context) => bakeOf(contextOf(context, { weights: [] }), blue),
};

async function shownOf(
  move: Move,
  result: unknown,
  plan: RolloutPlan,
  context: Context,
): Promise<unknown> {
  switch (move.id) {
    case 'test':
      return testShown(result as TestRun, context);
    case 'prove':
      return proofShown(result as ProofRound, plan);
    case 'verify-split': {
      const { seen, verdict, failing } = result as SplitLook;
      return { ...seen, verdict, failing };
    }
    case 'check-load':
    case 'run-checks':
    case 'watch-mirror':
      return result;
    default:
      return null;
  }
}

/** The rows as they were sent, for a request by hand; and all but the end of the key hidden. */
async function testShown({ result, rows }: TestRun, { world, signal }: Context): Promise<Tested> {
  const { outputs, engine } = rolloutOf(world);
  await mkdir(outputs, { recursive: true });
  const { sample } = world;
  const savedAs = sample
    ? await saveSample(join(outputs, 'sample.json'), bodyOf(sample, sample.rows))
    : undefined;
  const endpoint = engine.snapshot?.endpoint;
  const keyHint = endpoint
    ? await workspaceOf(world)
        .keyHint(endpoint, signal)
        .catch(() => undefined)
    : undefined;
  return {
    result,
    rows: rows.map((row) => testedRow(row)),
    ...(savedAs !== undefined && { savedAs }),
    ...(keyHint !== undefined && { keyHint }),
  };
}

function proofShown(round: ProofRound, plan: RolloutPlan): Tested {
  const { result, rows, verdicts, decision, repeated, more } = round;
  const refused = refusals(round.answers);
  const right = new Map(round.differing.map(({ row, rightOne }) => [row, rightOne]));
  return {
    result,
    rows: rows.map((row) => {
      const rightOne = right.get(row.row);
      return { ...testedRow(row, round.textOf), ...(rightOne && { rightOne }) };
    }),
    verdicts,
    proposal: round.proposal,
    meaning: plannedMeaning(plan.evidence ?? {}),
    decision,
    more,
    ...(repeated > 0 && { repeated }),
    ...(refused && { refused }),
  };
}

function shownAnswer(
  answer: RowAnswer,
  textOf: (prediction: unknown) => string,
): { text: string; latencyMs: number; failed: boolean } {
  const text = answer.ok
    ? textOf(answer.prediction)
    : (answer.message ?? `status ${answer.status}`);
  return { text, latencyMs: answer.latencyMs, failed: !answer.ok };
}

/** Unpinned answers stand under whoever gave them. */
const testedRow = (
  row: RowAnswers,
  textOf = (prediction: unknown): string => shownPrediction(single(prediction)),
): TestedRow => ({
  number: row.row,
  ...(row.truth !== undefined && { truth: row.truth }),
  answers: Object.fromEntries(
    Object.entries(row.answers).map(([name, answer]) => [
      name || answer.deployment || 'endpoint',
      shownAnswer(answer, textOf),
    ]),
  ),
});

/** Refusals by deployment that say nothing of its model; none where nothing was refused. */
function refusals(rows: readonly RowAnswers[]): Tested['refused'] {
  const refused: NonNullable<Tested['refused']> = {};
  for (const [name, { problem }] of rows.flatMap(({ answers }) => Object.entries(answers))) {
    const is = problem === 'sign-in' ? 'signIn' : problem;
    if (is !== 'busy' && is !== 'signIn' && is !== 'network') continue;
    const counts = (refused[name] ??= { busy: 0, signIn: 0, network: 0 });
    counts[is] += 1;
  }
  return Object.keys(refused).length === 0 ? undefined : refused;
}
