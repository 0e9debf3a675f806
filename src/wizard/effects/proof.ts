/** Rows sent: to the endpoint, and to both deployments. */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { differingRows, testResult } from '../../rollout/evidence/compare.js';
import { answersOf, type Evidence } from '../../rollout/evidence/gates/evidence.js';
import { judgeProof } from '../../rollout/evidence/judge-proof.js';
import { signatureChange, signatureOfModel } from '../../rollout/evidence/model-signatures.js';
import { noiseFloor } from '../../rollout/evidence/noise.js';
import { meaningOf } from '../../rollout/evidence/output/meaning.js';
import {
  replay,
  type Answer as RowAnswer,
  type Replay,
  type ReplayRow,
  type RowAnswers,
} from '../../rollout/evidence/replay.js';
import { ChangeError } from '../../rollout/errors.js';
import { saveSample } from '../../sampling/payload.js';
import { shownPrediction, single } from '../../sampling/predictions.js';
import type { Sample, Tested, TestedRow } from '../commands.js';
import { lastJudged, splitJudged } from '../before-traffic.js';
import { bodyOf, rowsToSend } from './sample-body.js';
import { drawRows } from './sample.js';
import {
  type Context,
  endpointOf,
  type Handlers,
  openedOf,
  type ProofSoFar,
  rolloutOf,
  shareOfGreen,
  workspaceOf,
  type World,
} from './world.js';

function shown(
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
      shown(answer, textOf),
    ]),
  ),
});

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
): Promise<Replay> {
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
    ...(sample.spec.inFlight !== undefined && { inFlight: sample.spec.inFlight }),
    signal,
    onRow: (_, done, total) => progress({ kind: 'count', done, total, unit: 'rows' }),
  });
  keep?.(sent.rows);
  signal.throwIfAborted();
  refuseSilence(sent.rows, sent.stopped);
  return sent;
}

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

/** Rows that were sent again count once in a result. */
function unique(rows: readonly RowAnswers[]): RowAnswers[] {
  const seen = new Set<number>();
  return rows.filter(({ row }) => !seen.has(row) && seen.add(row));
}

function record(
  purpose: 'test' | 'prove',
  sample: Sample,
  rows: readonly RowAnswers[],
  deployments: readonly string[],
  { engine }: ReturnType<typeof rolloutOf>,
  read: Pick<Evidence, 'meaning' | 'signature'> = {},
) {
  const { spec, sha256, target, absolutePath } = sample;
  const csv = { name: basename(absolutePath), sha256, seed: spec.seed };
  const result = testResult(purpose, csv, rows, deployments, read);
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

/**
 * Rows of this sample that were answered already, by a smaller sample of the same file and seed or
 * before the person cancelled. A sample that was sent whole is sent anew.
 */
function sentBefore(
  evidence: ProofSoFar | undefined,
  { sha256, spec, rows }: Sample,
  by: string,
): ProofSoFar | undefined {
  if (!sameSample(evidence, { sha256, spec }, by)) return undefined;
  const numbers = new Set(rows.map(({ number }) => number));
  const isPart = evidence?.rows.every(({ row }) => numbers.has(row));
  return isPart && evidence && evidence.rows.length < rows.length ? evidence : undefined;
}

/** Rows of the same file and seed, answered by the same two. */
const sameSample = (
  evidence: ProofSoFar | undefined,
  { sha256, spec }: Pick<Sample, 'sha256' | 'spec'>,
  by: string,
): ProofSoFar | undefined =>
  evidence?.sha256 === sha256 && evidence.seed === spec.seed && evidence.answeredBy === by
    ? evidence
    : undefined;

function answeredBy(blue: string, green: string, world: World): string {
  const { deployments } = rolloutOf(world).engine.snapshot ?? { deployments: [] };
  const of = (name: string) => {
    const found = deployments.find((each) => each.name === name);
    return [name, found?.id, found?.model, found?.createdAt];
  };
  return JSON.stringify([of(blue), of(green)]);
}

async function signatureDiff(blue: string, green: string, { world, signal }: Context) {
  const { deployments } = rolloutOf(world).engine.snapshot ?? { deployments: [] };
  const model = (name: string) => deployments.find((each) => each.name === name)?.model ?? '';
  return signatureChange(model(blue), model(green), (id) =>
    signatureOfModel(id, workspaceOf(world), signal),
  );
}

export const proofHandlers: Pick<Handlers, 'sample' | 'invoke' | 'replay' | 'override'> = {
  sample: ({ spec, model, version }, context) => drawRows(spec, model, version, context),

  async invoke({ sample, meaning }, context) {
    const { world, signal } = context;
    const rollout = rolloutOf(world);
    await mkdir(rollout.outputs, { recursive: true });
    const savedAs = await saveSample(
      join(rollout.outputs, 'sample.json'),
      bodyOf(sample, sample.rows),
    );
    world.sample = sample;
    const { rows } = await send(rowsToSend(sample), [], sample, context);
    const result = record('test', sample, rows, [], rollout, {
      meaning: meaningOf(meaning, sample.target),
    });
    const keyHint = await workspaceOf(world)
      .keyHint(endpointOf(world), signal)
      .catch(() => undefined);
    return {
      tested: {
        result,
        rows: rows.map((row) => testedRow(row)),
        savedAs,
        ...(keyHint !== undefined && { keyHint }),
      },
      opened: openedOf(rollout),
    };
  },

  async replay({ sample, blue, green, gates, meaning: planned, repeat }, context) {
    const { world, progress } = context;
    const rollout = rolloutOf(world);
    const by = answeredBy(blue, green, world);
    const before =
      repeat === undefined
        ? sentBefore(world.evidence, sample, by)
        : sameSample(world.evidence, sample, by);
    const rows = rowsToSend(sample);
    const askBlue = async (some: readonly ReplayRow[]): Promise<RowAnswers[]> => {
      progress({ kind: 'title', title: `Asking ${blue} the same rows twice` });
      return (await send(some, [blue], sample, context)).rows;
    };
    const meaning = meaningOf(planned, sample.target, gates.numbers);
    const noise = before?.noise ?? (await noiseFloor(rows, blue, askBlue, meaning));
    progress({ kind: 'title', title: `Sending rows to ${blue} and ${green}` });
    const sent = new Set(before?.rows.map(({ row }) => row));
    const fresh =
      repeat === undefined ? rows.filter(({ number }) => !sent.has(number)) : rows.slice(0, repeat);
    const { sha256, spec } = sample;
    const of = { sha256, answeredBy: by, blue, green, seed: spec.seed, noise };
    const keep = (more: readonly RowAnswers[]): void => {
      world.evidence = { ...of, rows: [...(before?.rows ?? []), ...more] };
    };
    const { stopped } =
      fresh.length > 0 ? await send(fresh, [blue, green], sample, context, keep) : {};
    const evidence: Evidence = {
      ...(world.evidence ?? { ...of, rows: [] }),
      meaning,
      signature: await signatureDiff(blue, green, context),
    };
    world.sample = sample;
    const once = unique(evidence.rows);
    const result = record('prove', sample, once, [blue, green], rollout, evidence);
    const { verdicts, decision } = judgeProof(evidence, gates);
    rollout.engine.judged({
      stage: 'prove',
      deployment: green,
      share: shareOfGreen(world),
      verdicts,
      decision: decision.do,
    });
    const refused = refusals(evidence.rows);
    const rightOne = new Map(
      differingRows(evidence).flatMap((each) => (each.rightOne ? [[each.row, each.rightOne]] : [])),
    );
    const { proposal, textOf } = answersOf(evidence);
    const repeated = evidence.rows.length - once.length;
    const tested: Tested = {
      result,
      rows: once.map((row) => ({
        ...testedRow(row, textOf),
        ...(rightOne.has(row.row) && { rightOne: rightOne.get(row.row) }),
      })),
      verdicts,
      decision,
      rowsLeft: Math.max(0, sample.totalRows - sample.spec.rows),
      ...(proposal && sample.target !== undefined && { proposal }),
      meaning: planned ?? {},
      ...(repeated > 0 && { repeated }),
      ...(refused && { refused }),
      ...(stopped && stopped !== 'aborted' && { stopped }),
    };
    return { tested, opened: openedOf(rollout) };
  },

  async override({ stage, reason }, { world }) {
    const rollout = rolloutOf(world);
    const { view, roles } = rollout.engine;
    const { green } = roles.roles;
    const share = shareOfGreen(world);
    const last = view.judgements.findLast((each) => each.stage === stage);
    const asked = stage === 'load' || stage === 'mirror';
    const undone =
      (asked && !lastJudged(view, green, stage)) ||
      (stage === 'split' && !splitJudged(view, green, share));
    if (undone && green !== undefined) {
      // What the plan wanted was not done at all.
      const passed = { deployment: green, share, verdicts: [] };
      rollout.engine.judged({ stage, ...passed, decision: 'hold', override: reason });
    } else if (last) {
      const { at: _, ...judgement } = last;
      rollout.engine.judged({ ...judgement, override: reason });
    }
    return openedOf(rollout);
  },
};
