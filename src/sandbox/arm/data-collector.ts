/** A deployment's `dataCollector`, as 2024-04-01 and later have it. */
import * as z from 'zod';
import { anyCase, orElse } from './call.js';

const RATE = "'samplingRate' must be a number from 0 to 1.";

const Collection = z.strictObject({
  dataCollectionMode: orElse(
    anyCase(['Enabled', 'Disabled'], "'dataCollectionMode' must be Enabled or Disabled."),
    'Disabled',
  ),
  samplingRate: z.number(RATE).min(0, RATE).max(1, RATE).nullish(),
  dataId: z.string().nullish(),
  clientId: z.string().nullish(),
});

/** Fields are answered in the service's own letter case, whichever they came in. */
export const DataCollectorBody = z.strictObject({
  collections: z.record(z.string(), Collection, "'dataCollector' must have 'collections'."),
  rollingRate: anyCase(
    ['Year', 'Month', 'Day', 'Hour', 'Minute'],
    "'rollingRate' must be Year, Month, Day, Hour or Minute.",
  ).nullish(),
  requestLogging: z.strictObject({ captureHeaders: z.array(z.string()).nullish() }).optional(),
});
