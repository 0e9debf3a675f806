/** Rows of a file, sampled and fitted to a model, as the screen shows them. */
import { ChangeError } from '../../rollout/errors.js';
import { signatureOf } from '../../rollout/evidence/model-signatures.js';
import { fitRows, rowPlaceOf } from '../../rollout/moves/rows.js';
import { isElsewhere, placeProblem } from '../../rollout/plan/row-place.js';
import type { CellValue } from '../../sampling/cast.js';
import { InputError } from '../../sampling/input-error.js';
import type { Mapping, MappingLine } from '../../sampling/mapping.js';
import { typedPath } from './typed-path.js';
import { rolloutOf, workspaceOf, type CommandKind } from './world.js';

export interface SampleSpec {
  path: string;
  rows: number;
  seed: number;
  /** Rows under way at once; 1 by default. */
  inFlight?: number;
  /** Empty: found from the model's signature. */
  target: string;
  /** `model column` -> `CSV column`, where they differ. */
  renames: Record<string, string>;
}

/** One line of the table "model wants / CSV has / what to do". */
export interface ColumnMatch {
  wants?: string;
  has?: string;
  action: string;
  problem?: boolean;
}

export interface Sample {
  spec: SampleSpec;
  absolutePath: string;
  target?: string;
  columns: (string | number)[];
  /** By column names, or rows of a tensor. */
  form: 'columns' | 'tensor';
  /** Sentences about rows and cells that were left out. */
  problems: string[];
  /** Rows as the model wants them; `number` counts the CSV's data rows from 1. */
  rows: { number: number; values: CellValue[]; truth?: string }[];
  totalRows: number;
  sha256: string;
  matches: ColumnMatch[];
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

/** What blocks sending, as lines of the table. */
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
export const sampleCommand: CommandKind<
  { spec: SampleSpec; model: string; version: string },
  Sample
> = {
  what: 'reading the CSV',
  async carryOut({ spec, model, version }, { world, signal, progress }) {
    const place = placeProblem(spec.path);
    if (place !== undefined) throw new InputError(`"${spec.path}" names no rows: ${place}.`);
    const workspace = workspaceOf(world);
    const { engine } = rolloutOf(world);
    const signature =
      model === '' ? undefined : await signatureOf({ name: model, version }, workspace, signal);
    const csv = isElsewhere(spec.path) ? spec.path : typedPath(world.cwd, spec.path);
    const { seed, target, renames } = spec;
    const fitted = await fitRows({ csv, seed, target, renames }, spec.rows, {
      ...rowPlaceOf(engine, world.cwd, Date.now()),
      signature,
      signal,
      onProgress: ({ readBytes, totalBytes }) =>
        progress({ kind: 'count', done: readBytes, total: totalBytes, unit: 'bytes' }),
    });
    const { mapping, prepared, path, sample } = fitted;
    if (prepared && prepared.rows.length === 0) {
      throw new ChangeError({
        kind: 'invalid',
        what: `read ${spec.path}`,
        message: prepared.failures[0]?.message ?? 'No row of the file fits the model.',
        advice: 'Choose another file, or fix the cells.',
        retrySafe: false,
      });
    }
    const renamed = mapping.lines.some((line) => line.suggested && line.action === 'rename');
    world.sample = {
      spec,
      absolutePath: path,
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
      totalRows: sample.file.rows,
      sha256: sample.file.sha256,
      matches: prepared && !renamed ? [] : obstacles(mapping),
    };
    return world.sample;
  },
};
