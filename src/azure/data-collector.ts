/** A deployment's data collector, ours and the wire's. */
import { record, type Json } from './arm-request.js';
import type { DataCollection, DataCollector } from './types.js';

export function collectorToWire({ collections, rollingRate, captureHeaders }: DataCollector): Json {
  return {
    collections: Object.fromEntries(
      Object.entries(collections).map(([name, { enabled, ...rest }]) => [
        name,
        { dataCollectionMode: enabled ? 'Enabled' : 'Disabled', ...rest },
      ]),
    ),
    ...(rollingRate !== undefined && { rollingRate }),
    ...(captureHeaders && { requestLogging: { captureHeaders } }),
  };
}

export function collectorFromWire(raw: unknown): DataCollector | undefined {
  const collector = record(raw);
  const collections = Object.entries(record(collector['collections']));
  if (collections.length === 0) return undefined;
  const headers = record(collector['requestLogging'])['captureHeaders'];
  const { rollingRate } = collector;
  return {
    collections: Object.fromEntries(
      collections.map(([name, value]) => [name, collectionFromWire(record(value))]),
    ),
    ...(typeof rollingRate === 'string' && { rollingRate }),
    ...(Array.isArray(headers) && { captureHeaders: headers.map(String) }),
  };
}

function collectionFromWire(raw: Json): DataCollection {
  const { samplingRate, dataId, clientId } = raw;
  return {
    enabled: String(raw['dataCollectionMode'] ?? '').toLowerCase() === 'enabled',
    ...(typeof samplingRate === 'number' && { samplingRate }),
    ...(typeof dataId === 'string' && { dataId }),
    ...(typeof clientId === 'string' && { clientId }),
  };
}
