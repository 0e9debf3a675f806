/** Rows of a CSV: drawn, fitted to the model, sent to the endpoint or to both deployments. */
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Endpoint } from '../../azure/types.js';
import { testResult } from '../../rollout/evidence/compare.js';
import { probe } from '../../rollout/evidence/probe.js';
import {
  replay,
  type Answer as RowAnswer,
  type ReplayRow,
  type RowAnswers,
} from '../../rollout/evidence/replay.js';
import { planMapping, type Mapping, type MappingLine } from '../../sampling/mapping.js';
import { parseMlmodel } from '../../sampling/mlmodel.js';
import { saveSample, scoringBody } from '../../sampling/payload.js';
import { shownPrediction } from '../../sampling/predictions.js';
import { prepareRows } from '../../sampling/prepare.js';
import { sampleCsv } from '../../sampling/sample.js';
import type { Signature } from '../../sampling/signature.js';
import { ChangeError } from '../../rollout/errors.js';
import type { ColumnMatch, Sample, SampleSpec, Tested, TestedRow } from '../commands.js';
import {
  openedOf,
  rolloutOf,
  workspaceOf,
  type Context,
  type Handlers,
  type World,
} from './world.js';

/** Rows that probes send in turn when none were sent in this session. */
const PROBE_ROWS = 20;

async function signatureOf(
  { world, signal }: Context,
  model: string,
  version: string,
): Promise<Signature | undefined> {
  const workspace = workspaceOf(world);
  const registered = await workspace.getModelVersion(model, version, signal);
  const text = registered && (await workspace.readModelFile(registered, 'MLmodel', signal));
  return text === undefined
    ? undefined
    : parseMlmodel(text, `${model} ${version}: MLmodel`).signature;
}

const ACTIONS: Record<MappingLine['action'], string> = {
  use: 'use',
  rename: 'rename',
  missing: 'missing: name its column under Renames',
  'leave-out': 'leave out',
  drop: 'drop',
  target: 'target: not sent',
};

const matchOf = (line: MappingLine): ColumnMatch => ({
  ...(line.wants && { wants: `${line.wants.name ?? ''} ${line.wants.typeText}`.trim() }),
  ...(line.has !== undefined && { has: line.has }),
  action: `${ACTIONS[line.action]} (${line.because})`,
  ...(line.action === 'missing' && { problem: true }),
});

/** What stands in the way of sending, as lines of the table. */
function obstacles(mapping: Mapping): ColumnMatch[] {
  const matches = mapping.lines.map(matchOf);
  if (mapping.askTarget) {
    matches.unshift({
      action: 'which column is the target? type it, or - for none',
      problem: true,
    });
  }
  if (mapping.problems.length > 0 && !matches.some((match) => match.problem)) {
    matches.unshift(...mapping.problems.map((action) => ({ action, problem: true })));
  }
  return matches;
}

async function draw(
  spec: SampleSpec,
  model: string,
  version: string,
  context: Context,
): Promise<Sample> {
  const { world, signal, progress } = context;
  const absolutePath = resolve(world.cwd, spec.path);
  const [signature, csv] = await Promise.all([
    model === '' ? undefined : signatureOf(context, model, version),
    sampleCsv(absolutePath, {
      rows: spec.rows,
      seed: spec.seed,
      signal,
      onProgress: ({ readBytes, totalBytes }) =>
        progress({ kind: 'count', done: readBytes, total: totalBytes, unit: 'bytes' }),
    }),
  ]);
  const mapping = planMapping(signature, csv, {
    ...(spec.target !== '' && { target: spec.target === '-' ? null : spec.target }),
    renames: spec.renames,
  });
  const ready = mapping.problems.length === 0 && !mapping.askTarget;
  const prepared = ready ? prepareRows(csv, mapping) : undefined;
  if (prepared && prepared.rows.length === 0) {
    throw new ChangeError({
      kind: 'invalid',
      what: `read ${spec.path}`,
      message: prepared.failures[0]?.message ?? 'No row of the file fits the model.',
      advice: 'Choose another file, or mend its cells.',
      retrySafe: false,
    });
  }
  return {
    spec,
    absolutePath,
    ...(mapping.target !== undefined && { target: mapping.target }),
    columns: prepared?.columns ?? [],
    form: mapping.form,
    problems: prepared?.failures.map((failure) => failure.message) ?? mapping.problems,
    rows: (prepared?.rows ?? []).map((row) => ({
      number: row.rowNumber,
      values: row.values,
      ...(row.truth !== undefined && { truth: row.truth }),
    })),
    totalRows: csv.file.rows,
    sha256: csv.file.sha256,
    matches:
      ready && !mapping.lines.some((line) => line.suggested && line.action === 'rename')
        ? []
        : obstacles(mapping),
  };
}

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

async function send(
  sample: Sample,
  deployments: readonly string[],
  purpose: 'test' | 'prove',
  context: Context,
): Promise<Tested> {
  const { world, signal, progress } = context;
  const { engine, rolloutId } = rolloutOf(world);
  world.sample = sample;
  const [blue] = deployments;
  const { rows, stopped } = await replay({
    workspace: workspaceOf(world),
    endpoint: endpointOf(world),
    rows: replayRows(sample),
    deployments,
    seed: sample.spec.seed,
    runId: rolloutId,
    ...(purpose === 'prove' && blue !== undefined && { spare: blue }),
    signal,
    onRow: (_, done, total) => progress({ kind: 'count', done, total, unit: 'rows' }),
  });
  signal.throwIfAborted();
  if (rows.length === 0) {
    throw new ChangeError({
      kind: stopped === 'sign-in' ? 'sign-in' : 'throttled',
      what: 'send rows',
      message:
        stopped === 'sign-in'
          ? 'The endpoint refused the key or token (401).'
          : 'LIVE is too busy: it answered 429 to the first row.',
      advice:
        stopped === 'sign-in'
          ? 'Keys may have been regenerated: try again.'
          : 'Try again at a quieter time.',
      retrySafe: true,
    });
  }
  const { spec, sha256, target, absolutePath } = sample;
  const result = testResult(
    purpose,
    { name: basename(absolutePath), sha256, seed: spec.seed },
    rows,
    deployments,
  );
  engine.choose({
    csv: {
      path: absolutePath,
      rows: spec.rows,
      seed: spec.seed,
      ...(target !== undefined && { target }),
    },
  });
  engine.tested(result);
  return { result, rows: rows.map(testedRow) };
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
    world.sample = await draw(spec, newModel.name, newModel.version, context);
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

export const rowHandlers: Pick<Handlers, 'sample' | 'invoke' | 'replay' | 'probe'> = {
  sample: ({ spec, model, version }, context) => draw(spec, model, version, context),

  async invoke({ sample }, context) {
    const rollout = rolloutOf(context.world);
    await mkdir(rollout.outputs, { recursive: true });
    const savedAs = await saveSample(
      join(rollout.outputs, 'sample.json'),
      bodyOf(sample, sample.rows) as Parameters<typeof saveSample>[1],
    );
    const tested = await send(sample, [], 'test', context);
    const keyHint = await workspaceOf(context.world)
      .keyHint(endpointOf(context.world), context.signal)
      .catch(() => undefined);
    return {
      tested: { ...tested, savedAs, ...(keyHint !== undefined && { keyHint }) },
      opened: openedOf(rollout),
    };
  },

  async replay({ sample, blue, green }, context) {
    const tested = await send(sample, [blue, green], 'prove', context);
    return { tested, opened: openedOf(rolloutOf(context.world)) };
  },

  async probe({ count }, context) {
    const { world, signal, progress } = context;
    const probes = await probe({
      workspace: workspaceOf(world),
      endpoint: endpointOf(world),
      bodies: await probeBodies(context),
      count,
      runId: rolloutOf(world).rolloutId,
      signal,
      onProbe: ({ sent }) => progress({ kind: 'count', done: sent, total: count, unit: 'probes' }),
    });
    return { counts: probes.served, failed: probes.failed };
  },
};
