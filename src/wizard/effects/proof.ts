/** Rows sent: to the endpoint, to both deployments, and unpinned to see the split. */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Endpoint } from '../../azure/types.js';
import { samePrediction, testResult } from '../../rollout/evidence/compare.js';
import { decision } from '../../rollout/evidence/gates/decision.js';
import type { Evidence, SplitSeen } from '../../rollout/evidence/gates/evidence.js';
import { judge } from '../../rollout/evidence/gates/judge.js';
import { probe } from '../../rollout/evidence/probe.js';
import {
  replay,
  type Answer as RowAnswer,
  type ReplayRow,
  type RowAnswers,
} from '../../rollout/evidence/replay.js';
import { ChangeError } from '../../rollout/errors.js';
import { saveSample, scoringBody } from '../../sampling/payload.js';
import { shownPrediction } from '../../sampling/predictions.js';
import { diffSignatures } from '../../sampling/signature.js';
import type { Sample, SampleSpec, Tested, TestedRow } from '../commands.js';
import { modelOf } from '../steps/model.js';
import { drawRows, signatureOf } from './sample.js';
import {
  openedOf,
  rolloutOf,
  workspaceOf,
  type Context,
  type Handlers,
  type ProofSoFar,
  type World,
} from './world.js';

/** Rows that probes send in turn when none were sent in this session. */
const PROBE_ROWS = 20;
/** Share of the rows that LIVE is asked twice, to see whether it answers unlike itself. */
const NOISE_SHARE = 0.2;

function bodyOf(sample: Sample, rows: Sample['rows']): unknown {
  return scoringBody(
    { columns: sample.columns, form: sample.form },
    rows.map((row) => ({ rowNumber: row.number, values: row.values })),
  );
}

const replayRows = (sample: Sample): ReplayRow[] =>
  sample.rows.map((row) => ({
    number: row.number,
    body: bodyOf(sample, [row]),
    ...(row.truth !== undefined && { truth: row.truth }),
  }));

function shown(answer: RowAnswer): { text: string; latencyMs: number; failed: boolean } {
  const text = answer.ok
    ? shownPrediction(answer.prediction)
    : (answer.message ?? `status ${answer.status}`);
  return { text, latencyMs: answer.latencyMs, failed: !answer.ok };
}

/** Unpinned answers stand under whoever gave them. */
const testedRow = (row: RowAnswers): TestedRow => ({
  number: row.row,
  ...(row.truth !== undefined && { truth: row.truth }),
  answers: Object.fromEntries(
    Object.entries(row.answers).map(([name, answer]) => [
      name || answer.deployment || 'endpoint',
      shown(answer),
    ]),
  ),
});

function endpointOf(world: World): Endpoint {
  const endpoint = rolloutOf(world).engine.snapshot?.endpoint;
  if (!endpoint) throw new Error('The endpoint is gone.');
  return endpoint;
}

/** Throws when nothing came back at all: there is nothing to judge then. */
function refuseSilence(rows: readonly RowAnswers[], stopped: string | undefined): void {
  if (rows.length > 0) return;
  const signIn = stopped === 'sign-in';
  throw new ChangeError({
    kind: signIn ? 'sign-in' : 'throttled',
    what: 'send rows',
    message: signIn
      ? 'The endpoint refused the key or token (401).'
      : 'LIVE is too busy: it answered 429 to the first row.',
    advice: signIn ? 'Keys may have been regenerated: try again.' : 'Try again at a quieter time.',
    retrySafe: true,
  });
}

/**
 * Sends rows to each deployment, or through the endpoint's own rules when none is named.
 * @param keep is given what was answered, even when the person cancels meanwhile.
 */
async function send(
  rows: readonly ReplayRow[],
  deployments: readonly string[],
  sample: Sample,
  context: Context,
  keep?: (rows: readonly RowAnswers[]) => void,
): Promise<RowAnswers[]> {
  const { world, signal, progress } = context;
  const [spare] = deployments;
  const sent = await replay({
    workspace: workspaceOf(world),
    endpoint: endpointOf(world),
    rows,
    deployments,
    seed: sample.spec.seed,
    runId: rolloutOf(world).rolloutId,
    ...(spare !== undefined && { spare }),
    signal,
    onRow: (_, done, total) => progress({ kind: 'count', done, total, unit: 'rows' }),
  });
  keep?.(sent.rows);
  signal.throwIfAborted();
  refuseSilence(sent.rows, sent.stopped);
  return sent.rows;
}

function record(
  purpose: 'test' | 'prove',
  sample: Sample,
  rows: readonly RowAnswers[],
  deployments: readonly string[],
  { engine }: ReturnType<typeof rolloutOf>,
) {
  const { spec, sha256, target, absolutePath } = sample;
  const csv = { name: basename(absolutePath), sha256, seed: spec.seed };
  const result = testResult(purpose, csv, rows, deployments);
  engine.choose({
    csv: {
      path: absolutePath,
      rows: spec.rows,
      seed: spec.seed,
      ...(target !== undefined && { target }),
    },
  });
  engine.tested(result);
  return result;
}

/** How often LIVE, asked the same twice, answers unlike itself. */
async function noiseOf(
  sample: Sample,
  blue: string,
  context: Context,
): Promise<NonNullable<Evidence['noise']>> {
  const rows = replayRows(sample).slice(0, Math.ceil(sample.rows.length * NOISE_SHARE));
  context.progress({ kind: 'title', title: `Asking ${blue} the same rows twice` });
  const first = await send(rows, [blue], sample, context);
  const second = await send(rows, [blue], sample, context);
  const again = new Map(second.map((row) => [row.row, row.answers[blue]]));
  const pairs = first.flatMap((row) => {
    const [one, other] = [row.answers[blue], again.get(row.row)];
    return one?.ok && other?.ok ? [{ one, other }] : [];
  });
  const differing = pairs.filter(
    ({ one, other }) => !samePrediction(one.prediction, other.prediction),
  );
  return { pairs: pairs.length, differing: differing.length };
}

/**
 * Rows of this sample that were answered already, by a smaller sample of the same file and seed or
 * before the person cancelled. A sample that was sent whole is sent anew.
 */
function sentBefore(
  evidence: ProofSoFar | undefined,
  { sha256, spec, rows }: Sample,
  blue: string,
  green: string,
): ProofSoFar | undefined {
  if (!evidence || evidence.sha256 !== sha256 || evidence.seed !== spec.seed) return undefined;
  if (evidence.blue !== blue || evidence.green !== green) return undefined;
  const isPart = evidence.rows.every(({ row }, at) => rows[at]?.number === row);
  return isPart && evidence.rows.length < rows.length ? evidence : undefined;
}

async function signatureDiff(
  blue: string,
  green: string,
  context: Context,
): Promise<Pick<Evidence, 'signature'>> {
  const { deployments } = rolloutOf(context.world).engine.snapshot ?? { deployments: [] };
  const signature = async (name: string) => {
    const armId = deployments.find((each) => each.name === name)?.model;
    const model = armId === undefined ? undefined : modelOf(armId);
    return model && signatureOf(context, model.name, model.version);
  };
  const [before, after] = await Promise.all([signature(blue), signature(green)]);
  return before && after ? { signature: diffSignatures(before, after) } : {};
}

async function probeBodies(context: Context): Promise<unknown[]> {
  const { world } = context;
  const { engine } = rolloutOf(world);
  const { csv, newModel } = engine.view.choice;
  if (!world.sample && csv && newModel?.version) {
    const spec: SampleSpec = {
      path: csv.path,
      rows: PROBE_ROWS,
      seed: csv.seed,
      target: csv.target ?? '',
      renames: {},
    };
    world.sample = await drawRows(spec, newModel.name, newModel.version, context);
  }
  const { sample } = world;
  if (!sample) {
    throw new ChangeError({
      kind: 'invalid',
      what: 'probe the split',
      message: 'No rows were sent yet, so there is nothing to probe with.',
      advice: 'Go back to prove (Esc) and send rows first.',
      retrySafe: false,
    });
  }
  return sample.rows.slice(0, PROBE_ROWS).map((row) => bodyOf(sample, [row]));
}

const shareOfGreen = (world: World): number => {
  const { engine } = rolloutOf(world);
  const { green } = engine.roles.roles;
  return green === undefined ? 0 : (engine.snapshot?.endpoint?.traffic[green] ?? 0);
};

export const proofHandlers: Pick<Handlers, 'sample' | 'invoke' | 'replay' | 'probe' | 'override'> =
  {
    sample: ({ spec, model, version }, context) => drawRows(spec, model, version, context),

    async invoke({ sample }, context) {
      const { world, signal } = context;
      const rollout = rolloutOf(world);
      await mkdir(rollout.outputs, { recursive: true });
      const savedAs = await saveSample(
        join(rollout.outputs, 'sample.json'),
        bodyOf(sample, sample.rows) as Parameters<typeof saveSample>[1],
      );
      world.sample = sample;
      const rows = await send(replayRows(sample), [], sample, context);
      const result = record('test', sample, rows, [], rollout);
      const keyHint = await workspaceOf(world)
        .keyHint(endpointOf(world), signal)
        .catch(() => undefined);
      return {
        tested: {
          result,
          rows: rows.map(testedRow),
          savedAs,
          ...(keyHint !== undefined && { keyHint }),
        },
        opened: openedOf(rollout),
      };
    },

    async replay({ sample, blue, green }, context) {
      const { world, progress } = context;
      const rollout = rolloutOf(world);
      const before = sentBefore(world.evidence, sample, blue, green);
      const noise = before?.noise ?? (await noiseOf(sample, blue, context));
      progress({ kind: 'title', title: `Sending rows to ${blue} and ${green}` });
      const fresh = replayRows(sample).slice(before?.rows.length ?? 0);
      const of = { sha256: sample.sha256, blue, green, seed: sample.spec.seed, noise };
      const keep = (rows: readonly RowAnswers[]): void => {
        world.evidence = { ...of, rows: [...(before?.rows ?? []), ...rows] };
      };
      if (fresh.length > 0) await send(fresh, [blue, green], sample, context, keep);
      const evidence: Evidence = {
        ...(world.evidence ?? { ...of, rows: [] }),
        ...(await signatureDiff(blue, green, context)),
      };
      world.sample = sample;
      const result = record('prove', sample, evidence.rows, [blue, green], rollout);
      const verdicts = judge(evidence);
      const decided = decision(verdicts);
      rollout.engine.judged({
        stage: 'prove',
        deployment: green,
        share: shareOfGreen(world),
        verdicts,
        decision: decided.do,
      });
      const tested: Tested = {
        result,
        rows: evidence.rows.map(testedRow),
        verdicts,
        decision: decided,
        rowsLeft: Math.max(0, sample.totalRows - sample.spec.rows),
      };
      return { tested, opened: openedOf(rollout) };
    },

    async probe({ count }, context) {
      const { world, signal, progress } = context;
      const rollout = rolloutOf(world);
      const { blue = '', green = '' } = rollout.engine.roles.roles;
      const configured = { ...endpointOf(world).traffic };
      const { served, sent, failed } = await probe({
        workspace: workspaceOf(world),
        endpoint: endpointOf(world),
        bodies: await probeBodies(context),
        count,
        runId: rollout.rolloutId,
        signal,
        onProbe: (now) => progress({ kind: 'count', done: now.sent, total: count, unit: 'probes' }),
      });
      const split: SplitSeen = { configured, served, sent, failed };
      const verdicts = judge({ rows: [], blue, green, split }).filter(
        ({ gate }) => gate === 'split',
      );
      const [verdict] = verdicts;
      if (verdict && green !== '') {
        rollout.engine.judged({
          stage: 'split',
          deployment: green,
          share: configured[green] ?? 0,
          verdicts,
          decision: decision(verdicts).do,
        });
      }
      return {
        probes: { served, sent, failed, configured, ...(verdict && { verdict }) },
        opened: openedOf(rollout),
      };
    },

    async override({ stage, reason }, { world }) {
      const rollout = rolloutOf(world);
      const last = rollout.engine.view.judgements.findLast((each) => each.stage === stage);
      if (last) {
        const { at: _, ...judgement } = last;
        rollout.engine.judged({ ...judgement, override: reason });
      }
      return openedOf(rollout);
    },
  };
