/** A plan's rows, sampled by their seed and fitted to a model, as request bodies. */
import { grouped } from '../../common/counts.js';
import { InputError } from '../../sampling/input-error.js';
import { leftOutNote } from '../../sampling/left-out.js';
import { mappingProblems, plannedChoices } from '../../sampling/check-table.js';
import { planMapping, type Mapping } from '../../sampling/mapping.js';
import { prepareRows, type PreparedRows } from '../../sampling/prepare.js';
import type { RowSample, SampleOptions } from '../../sampling/sample.js';
import type { Signature } from '../../sampling/signature.js';
import { replayRows } from '../evidence/replay-rows.js';
import type { ReplayRow } from '../evidence/replay.js';
import type { RolloutEngine } from '../engine.js';
import { drawRows, type RowPlace } from '../open-rows.js';
import type { PlannedEvidence } from '../plan/proof.js';
import type { Emit } from './events.js';

/** What of the plan says which rows. */
type RowsWanted = Pick<PlannedEvidence, 'csv' | 'seed' | 'target' | 'renames' | 'keepDefaultNa'>;

interface FittedRows {
  /** Absolute, or where they lie elsewhere: finds the same rows again. */
  path: string;
  sample: RowSample;
  /** The table "model wants / file has". */
  mapping: Mapping;
  /** Absent while the mapping has problems or asks for the target. */
  prepared?: PreparedRows;
}

/**
 * What a rollout's rows are looked up with. The last hours are those before it began: what it sent itself
 * is collected too, and no user's.
 */
export function rowPlaceOf(
  { workspace, snapshot, roles, view }: RolloutEngine,
  folder: string,
  now: number,
): RowPlace {
  const { blue: name } = roles.roles;
  const blue = snapshot?.deployments.find((each) => each.name === name);
  const { openedAt } = view;
  return { folder, workspace, blue, now: openedAt === undefined ? now : Date.parse(openedAt) };
}

/**
 * Reads, samples and fits. A target of `-` means that no column is the target.
 * @throws InputError for a file that can't be read
 */
export async function fitRows(
  { csv, seed, target, renames, keepDefaultNa = true }: RowsWanted,
  count: number,
  { signature, signal, onProgress, ...place }: FitOptions,
): Promise<FittedRows> {
  const sample = await drawRows(csv, place, { rows: count, seed, signal, onProgress });
  const choices = plannedChoices({ target: target === '' ? undefined : target, renames });
  const mapping = planMapping(signature, sample, choices);
  const ready = mapping.problems.length === 0 && !mapping.askTarget;
  return {
    path: sample.file.path,
    sample,
    mapping,
    ...(ready && { prepared: prepareRows(sample, mapping, { keepDefaultNa }) }),
  };
}

interface FitOptions extends RowPlace, Pick<SampleOptions, 'signal' | 'onProgress'> {
  signature: Signature | undefined;
}

export interface SampledRows {
  /** Base name or place, and hash of the bytes. */
  csv: { name: string; sha256: string; seed: number };
  path: string;
  target?: string;
  /** In the order sampled: a larger sample begins with these. */
  rows: ReplayRow[];
  /** Rows that the file has. */
  total: number;
}

/** The rows to send. @throws InputError where the file can't be read or does not fit the model */
export async function readRows(
  wanted: RowsWanted,
  count: number,
  { emit, ...options }: FitOptions & { emit: Emit },
): Promise<SampledRows> {
  const { path, sample, mapping, prepared } = await fitRows(wanted, count, options);
  const { file } = sample;
  const problems = mappingProblems(mapping, file.name);
  if (!prepared) throw new InputError(problems.join(' '));
  const note = (message: string): void => emit({ event: 'note', message });
  for (const { wants, has, action, suggested } of mapping.lines) {
    if (action !== 'rename' || !suggested) continue;
    note(`Column ${has ?? ''} is sent as the input ${wants?.name ?? ''}.`);
  }
  const { columns, form, rows, failures, notes } = prepared;
  for (const message of notes) note(message);
  const leftOut = leftOutNote(file);
  if (leftOut !== undefined) note(leftOut);
  const [failure] = failures;
  if (failure && rows.length === 0) throw new InputError(failure.message);
  if (failure) {
    note(
      `${grouped(failures.length)} cells of ${file.name} do not fit the model; their rows are left out. ${failure.message}`,
    );
  }
  return {
    csv: { name: file.name, sha256: file.sha256, seed: wanted.seed },
    path,
    ...(mapping.target !== undefined && { target: mapping.target }),
    rows: replayRows({ columns, form }, rows),
    total: file.rows,
  };
}
