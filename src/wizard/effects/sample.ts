/** Rows of a CSV, drawn and fitted to a model. */
import { ChangeError } from '../../rollout/errors.js';
import { signatureOf } from '../../rollout/evidence/model-signatures.js';
import { planMapping, type Mapping, type MappingLine } from '../../sampling/mapping.js';
import { prepareRows } from '../../sampling/prepare.js';
import { sampleRows } from '../../sampling/sample.js';
import type { ColumnMatch, Sample, SampleSpec } from '../commands.js';
import { typedPath } from './typed-path.js';
import { workspaceOf, type Context } from './world.js';

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

/** Rows of the file that fit the model, or the table that says why they don't. */
export async function drawRows(
  spec: SampleSpec,
  model: string,
  version: string,
  context: Context,
): Promise<Sample> {
  const { world, signal, progress } = context;
  const absolutePath = typedPath(world.cwd, spec.path);
  const [signature, csv] = await Promise.all([
    model === '' ? undefined : signatureOf({ name: model, version }, workspaceOf(world), signal),
    sampleRows(absolutePath, {
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
    problems: prepared
      ? [...prepared.notes, ...prepared.failures.map((failure) => failure.message)]
      : mapping.problems,
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
