/** Runs that match a filter, in order. */
import { own } from '../model.js';
import { invalidParameter, unsupported } from './call.js';
import { type FilterComparison, holds, inOrder, parseSearchFilter } from './filter.js';
import type { RunRecord } from './records.js';

/**
 * Microsoft Learn, "Query & compare experiments and runs with MLflow": attributes of Azure's own
 * beside MLflow's, and no order by metrics, params or tags.
 */
const ATTRIBUTES: Record<string, (run: RunRecord) => string | number> = {
  run_id: ({ id }) => id,
  run_name: ({ name }) => name,
  experiment_id: ({ experimentId }) => experimentId,
  user_id: ({ userName }) => userName,
  status: ({ status }) => status,
  start_time: ({ startTime }) => startTime,
  creation_time: ({ startTime }) => startTime,
  end_time: ({ endTime }) => endTime ?? 0,
  duration: ({ startTime, endTime }) => (endTime ?? startTime) - startTime,
};

export function searchedRuns(
  runs: RunRecord[],
  filter: string | undefined,
  orderBy: readonly string[],
): RunRecord[] {
  const comparisons = parseSearchFilter(filter);
  const order = orderBy.length > 0 ? orderBy : ['start_time DESC'];
  return runs
    .filter((run) => comparisons.every((comparison) => holds(comparison, valueOf(run, comparison))))
    .toSorted(inOrder(order, column));
}

function column(name: string): (run: RunRecord) => string | number {
  if (/^(metrics?|params?|parameters?|tags?)\./i.test(name))
    throw unsupported(
      'Using order_by with metrics, params or tags is not supported by Azure Machine Learning.',
    );
  return attribute(name);
}

function attribute(name: string): (run: RunRecord) => string | number {
  const key = name.replaceAll(' ', '_').toLowerCase();
  const found = own(ATTRIBUTES, key);
  if (found === undefined) throw invalidParameter(`Invalid attribute key '${name}' of runs.`);
  return found;
}

function valueOf(
  run: RunRecord,
  { entity, key, values }: FilterComparison,
): string | number | undefined {
  switch (entity) {
    case 'tags':
      return own(run.tags, key);
    case 'params':
      return own(run.params, key);
    case 'metrics': {
      const last = own(run.metrics, key)?.at(-1)?.value;
      return last === undefined ? undefined : Number(last);
    }
    default: {
      const value = attribute(key)(run);
      // Azure's documentation writes states as `Failed`, MLflow's as `FAILED`.
      return key === 'status'
        ? (values.find((one) => one.toUpperCase() === value) ?? value)
        : value;
    }
  }
}
