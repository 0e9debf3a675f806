/** A metric of Azure Monitor over the last minutes: of the endpoint, or of any other resource. */
import * as z from 'zod';
import { withNames } from '../named-program.js';
import type { MetricQuery } from '../../azure/types.js';
import { settledUntil } from '../evidence/watch.js';
import {
  resourceRule,
  secondsRule,
  Unreadable,
  windowRule,
  within,
  type CheckKind,
} from './check.js';

/** Of Azure Monitor (Metrics, "Supported time grains"). */
const GRAINS = [1, 5, 15, 30, 60, 360, 720, 1_440] as const;
const grains = `use ${GRAINS.slice(0, -1).join(', ')} or ${GRAINS.at(-1)}`;
const AGGREGATIONS = ['average', 'total', 'minimum', 'maximum', 'count'] as const;
const aggregations = 'use average, total, minimum, maximum or count';

const WINDOW_MINUTES = 5;
const MINUTE_MS = 60_000;

const schema = z
  .strictObject({
    /** The endpoint without it. */
    resource: resourceRule.optional(),
    metric: z.string('use the name of a metric').min(1, 'use the name of a metric'),
    namespace: z.string().min(1).optional(),
    aggregation: z.enum(AGGREGATIONS, aggregations).optional(),
    windowMinutes: windowRule,
    /** Minutes of one value; what the window has of them becomes one number. */
    grainMinutes: z.literal(GRAINS, grains).optional(),
    filter: z.string().min(1).optional(),
    timeoutSeconds: secondsRule,
  })
  .refine(({ windowMinutes = WINDOW_MINUTES, grainMinutes = 1 }) => grainMinutes <= windowMinutes, {
    message: 'use no more minutes than the window has',
    path: ['grainMinutes'],
  });

export const monitorCheck: CheckKind<'monitor', z.output<typeof schema>> = {
  id: 'monitor',
  schema,
  asksEarlier: true,
  looksBack: ({ windowMinutes = WINDOW_MINUTES }) => 60 * windowMinutes,
  async read(settings, { names, workspace, endpointId, at, lagMs, signal }) {
    const { resource = endpointId, filter, metric, namespace } = settings;
    const { aggregation = 'average', windowMinutes = WINDOW_MINUTES, grainMinutes = 1 } = settings;
    const until = settledUntil(at, lagMs);
    const from = until - windowMinutes * MINUTE_MS;
    const query = {
      resource: withNames(resource, names, encodeURIComponent),
      ...{ metric, namespace, aggregation, grainMinutes },
      filter: filter === undefined ? undefined : withNames(filter, names),
    };
    const all = await within(settings.timeoutSeconds, signal, 'Azure Monitor', (ends) =>
      workspace.metricSeries(query, new Date(from), new Date(until), ends),
    );
    const series = all.filter(({ length }) => length > 0);
    if (series.length === 0) {
      const last = windowMinutes === 1 ? 'the last minute' : `the last ${windowMinutes} minutes`;
      throw new Unreadable(`The metric ${metric} has no value in ${last}.`);
    }
    if (aggregation === 'average' && series.length > 1) {
      throw new Unreadable(
        `The metric ${metric} has ${series.length} series: name one value of each dimension.`,
      );
    }
    return COMBINE[aggregation](series.flat());
  },
};

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

const COMBINE: Record<MetricQuery['aggregation'], (values: readonly number[]) => number> = {
  average: (values) => sum(values) / values.length,
  total: sum,
  count: sum,
  minimum: (values) => Math.min(...values),
  maximum: (values) => Math.max(...values),
};
