/** Rows of the plan's CSV, drawn with its seed and fitted to the model, as request bodies. */
import { resolve } from 'node:path';
import { mappingProblems, plannedTarget } from '../../sampling/check-table.js';
import { planMapping } from '../../sampling/mapping.js';
import { prepareRows } from '../../sampling/prepare.js';
import { mostRows, sampleRows } from '../../sampling/sample.js';
import type { Signature } from '../../sampling/signature.js';
import { replayRows } from '../evidence/replay-rows.js';
import type { ReplayRow } from '../evidence/replay.js';
import type { PlannedEvidence } from '../plan/proof.js';
import { end, type Emit } from './events.js';

export interface DrawnRows {
  /** Base name, and hash of the file's bytes. */
  csv: { name: string; sha256: string; seed: number };
  path: string;
  target?: string;
  /** In the order drawn: a larger draw begins with these. */
  rows: ReplayRow[];
  /** Rows that the file has. */
  total: number;
}

/** Rejects with an `InputError` for a file that can't be read. */
export async function drawRows(
  { csv, seed, target, keepDefaultNa = true }: PlannedEvidence,
  count: number,
  { folder, signature, signal, emit }: DrawOptions,
): Promise<DrawnRows> {
  const path = resolve(folder, csv);
  const sample = await sampleRows(path, {
    rows: Math.min(count, mostRows),
    seed,
    ...(signal && { signal }),
  });
  const mapping = planMapping(signature, sample, plannedTarget(target));
  const [problem, ...more] = mappingProblems(mapping, sample.file.name);
  if (problem !== undefined) throw end('refused', problem, ...more);
  for (const { wants, has, action, suggested } of mapping.lines) {
    if (action !== 'rename' || !suggested) continue;
    emit({
      event: 'note',
      message: `Column ${has ?? ''} is taken for the input ${wants?.name ?? ''}.`,
    });
  }
  const { columns, form, rows, failures, notes } = prepareRows(sample, mapping, { keepDefaultNa });
  for (const message of notes) emit({ event: 'note', message });
  const [failure] = failures;
  if (failure && rows.length === 0) throw end('refused', failure.message);
  if (failure) {
    emit({
      event: 'note',
      message: `${failures.length} cells of ${sample.file.name} don't fit the model; their rows are left out. ${failure.message}`,
    });
  }
  return {
    csv: { name: sample.file.name, sha256: sample.file.sha256, seed },
    path,
    ...(mapping.target !== undefined && { target: mapping.target }),
    rows: replayRows({ columns, form }, rows),
    total: sample.file.rows,
  };
}

export interface DrawOptions {
  /** Relative paths are read from here. */
  folder: string;
  signature: Signature | undefined;
  signal?: AbortSignal;
  emit: Emit;
}
