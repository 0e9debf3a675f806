/** What a plan's file may say of the gates: a mode alone, or a map of mode and limits. */
import { z } from 'zod';
import type { Gates } from '../rollout/evidence/gates/settings.js';
import type { GateChoices } from '../rollout/plan.js';

const MODES = 'use enforce, warn or off';
const mode = z.enum(['enforce', 'warn', 'off'], MODES);
const share = z.number('use a share from 0 to 1, such as 0.01').min(0).max(1);
const positive = z.number('use a number above 0').positive();
const count = z.int('use a whole number').min(1);

/** Limits that are named; all are optional. */
const gate = <T extends z.ZodRawShape>(limits: T) =>
  z.union(
    [
      mode.transform((only) => ({ mode: only })),
      z.strictObject({ mode, ...limits }).partial() as unknown as z.ZodType<object>,
    ],
    `${MODES}, or a map of mode and ${Object.keys(limits).join(', ') || 'nothing else'}`,
  );

const schema: Record<keyof Gates, z.ZodType> = {
  output: z.enum(['auto', 'labels', 'scores', 'numbers'], 'use auto, labels, scores or numbers'),
  alpha: z.number().gt(0).max(0.2),
  contract: gate({}),
  errors: gate({ margin: share, early: z.strictObject({ failures: count, rows: count }) }),
  latency: gate({
    ratio: z.number().gt(1),
    addedMs: z.number().min(0),
    measure: z.enum(['wall', 'model'], 'use wall or model'),
  }),
  latencyP95: gate({ ratio: z.number().gt(1), rows: count }),
  capacity: gate({ limit: share }),
  labels: gate({ limit: share }),
  scores: gate({ limit: share }),
  numbers: gate({ absolute: z.number().min(0), relative: z.number().min(0), limit: share }),
  accuracy: gate({ margin: share }),
  split: gate({ alpha: z.number().gt(0).max(0.05), probes: count }),
  liveLatency: gate({ ratio: z.number().gt(1), minutes: count, of: count, requests: positive }),
  liveErrors: gate({ margin: share }),
  liveCapacity: gate({ limit: share }),
};

export const gateChoices = z.strictObject(schema).partial() as unknown as z.ZodType<GateChoices>;
