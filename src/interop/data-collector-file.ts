/** `data_collector` of deployment.yml, read and written. */
import * as z from 'zod';
import type { DataCollector } from '../azure/types.js';
import { azuremlReference, parseData } from '../common/model-ref.js';
import { notHere, text, word } from './file-schema.js';

const DATA = 'use {name: NAME, version: VERSION}, or the ARM id of a data asset';

/** azure-ai-ml 1.35 takes the mapping only; it would register what `path` names. */
const data = z.union(
  [
    z
      .string()
      .regex(/^(azureml:)?\/subscriptions\//i)
      .transform((id) => id.replace(/^azureml:/i, '')),
    z
      .strictObject({
        name: z.string().min(1),
        version: text,
        path: notHere('register the data asset first; then its name and version are enough'),
      })
      .transform(({ name, version }) => `azureml:${name}:${version}`),
  ],
  DATA,
);

/** azure-ai-ml 1.35, `DataCollectorSchema`. */
export const dataCollectorSchema = z.strictObject({
  collections: z.record(
    z.string(),
    z.strictObject({
      enabled: z.boolean('use true or false'),
      data: data.optional(),
      client_id: text.optional(),
    }),
  ),
  rolling_rate: word(['minute', 'hour', 'day'], 'use minute, hour or day').optional(),
  sampling_rate: z.number('use a fraction from 0 to 1').min(0).max(1).optional(),
  request_logging: z.strictObject({ capture_headers: z.array(text).optional() }).optional(),
});

const ROLLING = { minute: 'Minute', hour: 'Hour', day: 'Day' } as const;

export function collectorOf({
  collections,
  rolling_rate,
  sampling_rate,
  request_logging,
}: z.output<typeof dataCollectorSchema>): DataCollector {
  const headers = request_logging?.capture_headers;
  return {
    collections: Object.fromEntries(
      Object.entries(collections).map(([name, { enabled, data: asset, client_id }]) => [
        name,
        {
          enabled,
          ...(sampling_rate !== undefined && { samplingRate: sampling_rate }),
          ...(asset !== undefined && { dataId: asset }),
          ...(client_id !== undefined && { clientId: client_id }),
        },
      ]),
    ),
    ...(rolling_rate && { rollingRate: ROLLING[rolling_rate] }),
    ...(headers && { captureHeaders: headers }),
  };
}

const rates = ({ collections }: DataCollector): (number | undefined)[] => [
  ...new Set(Object.values(collections).map(({ samplingRate }) => samplingRate)),
];

/** Files have one rate for all collections; which rates they have of their own, if they do. */
export function ownRates(collector: DataCollector | undefined): string | undefined {
  if (!collector || rates(collector).length <= 1) return undefined;
  const each = Object.entries(collector.collections).map(
    ([name, { samplingRate }]) => `${name} (${samplingRate ?? 'none'})`,
  );
  return `sampling_rate of ${each.join(' and ')}`;
}

/** As a file has it, and with the names that the Python client has for its arguments. */
export function collectorFile(collector: DataCollector) {
  const { collections, rollingRate, captureHeaders } = collector;
  const [rate, ...others] = rates(collector);
  return {
    collections: Object.fromEntries(
      Object.entries(collections).map(([name, { enabled, dataId, clientId }]) => [
        name,
        {
          // The client refuses a boolean here.
          enabled: String(enabled),
          ...(dataId !== undefined && { data: assetFile(dataId) }),
          ...(clientId !== undefined && { client_id: clientId }),
        },
      ]),
    ),
    ...(rollingRate !== undefined && { rolling_rate: rollingRate.toLowerCase() }),
    ...(rate !== undefined && others.length === 0 && { sampling_rate: rate }),
    ...(captureHeaders && { request_logging: { capture_headers: captureHeaders } }),
  };
}

function assetFile(dataId: string) {
  const asset = parseData(azuremlReference(dataId));
  return asset ? { name: asset.name, version: asset.version } : dataId;
}
