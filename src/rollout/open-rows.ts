/** Opens a plan's rows wherever they lie, and draws from them; what is remote is read once for several rounds. */
import type { Deployment, Workspace } from '../azure/types.js';
import { collectedRows } from '../sampling/collected-rows.js';
import { InputError } from '../sampling/input-error.js';
import type { RowSource } from '../sampling/row-source.js';
import { mostRows, sampleRows, type RowSample, type SampleOptions } from '../sampling/sample.js';
import { collectedIn, isElsewhere, rowsFrom, windowOf, type Window } from './plan/row-place.js';

export interface RowPlace {
  /** Relative paths are read from here. */
  folder: string;
  workspace: Workspace;
  /** Whose collected inputs are meant. */
  blue: Deployment | undefined;
  /** Where the last hours end; epoch milliseconds. */
  now: number;
}

/** The first rows by the seed. @param rows as the plan has it: a path, `azureml:...` or `collected:...` */
export async function drawRows(
  rows: string,
  place: RowPlace,
  options: SampleOptions,
): Promise<RowSample> {
  const wanted = { ...options, rows: Math.min(options.rows, mostRows) };
  if (!isElsewhere(rows)) return sampleRows(rowsFrom(place.folder, rows), wanted);
  const source = await openSource(rows, place, options.signal);
  return cachedSample(place.workspace, source, wanted);
}

async function openSource(
  rows: string,
  { workspace, blue, now }: RowPlace,
  signal: AbortSignal | undefined,
): Promise<RowSource> {
  const window = windowOf(rows, now);
  if (!window) {
    const { path, files } = await workspace.dataFiles(rows, signal);
    return { path, name: path, files };
  }
  if (!blue) {
    throw new InputError(
      `No deployment serves yet, so nothing is collected for ${rows}. Name a file or a data asset.`,
    );
  }
  const { files } = await workspace.collectedFiles(blue, window.from, window.to, signal);
  const path = collectedIn(window);
  return { path, name: path, files: [asOneFile(path, blue.name, files, window)] };
}

/** Hours and instances as one table; it has rows only where the collector kept them as a table. */
function asOneFile(
  path: string,
  deployment: string,
  files: RowSource['files'],
  window: Window,
): RowSource['files'][number] {
  return {
    name: 'model_inputs',
    path: files.map((file) => `${file.path} ${file.bytes}`).join('\n'),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    async *open(signal) {
      const { pieces, rows, unread } = collectedRows(files, window, signal);
      yield* pieces;
      if (rows() > 0) return;
      const why =
        unread() > 0 ? ` ${unread()} requests of that time were not kept as rows of a table.` : '';
      throw new InputError(
        `The data collector of ${deployment} kept no rows from ${window.from.toISOString()} to ${window.to.toISOString()}.${why} Choose another time, or a file.`,
      );
    },
    // No Parquet.
    slice: () => Promise.resolve(new ArrayBuffer(0)),
  };
}

/** A larger sample begins with a smaller one's rows, so that one reading serves several rounds. */
const AHEAD = 4;
const samples = new WeakMap<Workspace, Map<string, Promise<RowSample>>>();

async function cachedSample(
  workspace: Workspace,
  source: RowSource,
  options: SampleOptions,
): Promise<RowSample> {
  const { seed, rows: requested } = options;
  const known = samples.get(workspace) ?? new Map<string, Promise<RowSample>>();
  samples.set(workspace, known);
  const files = source.files.map(({ path, etag }) => [path, etag]);
  const key = JSON.stringify([source.path, seed, files]);
  const before = await known.get(key)?.catch(() => undefined);
  if (before && (before.requested >= requested || before.rows.length === before.file.rows)) {
    return { ...before, requested, rows: before.rows.slice(0, requested) };
  }
  const rows = Math.min(mostRows, requested * AHEAD);
  const sampled = sampleRows(source, { ...options, rows });
  known.set(key, sampled);
  const sample = await sampled.catch((error: unknown) => {
    known.delete(key);
    throw error;
  });
  return { ...sample, requested, rows: sample.rows.slice(0, requested) };
}
