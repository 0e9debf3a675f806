/** Every gate, in the order of the tables. A new one is a file and a line here. */
import { absoluteError } from './absolute-error.js';
import { accuracy } from './accuracy.js';
import { capacity } from './capacity.js';
import { contract } from './contract.js';
import { errors } from './errors.js';
import { labels } from './labels.js';
import { latencyP95 } from './latency-p95.js';
import { latency } from './latency.js';
import { liveCapacity } from './live-capacity.js';
import { liveErrors } from './live-errors.js';
import { liveLatency } from './live-latency.js';
import { numbers } from './numbers.js';
import { scores } from './scores.js';
import { split } from './split.js';

export const REGISTRY = [
  contract,
  errors,
  latency,
  latencyP95,
  capacity,
  labels,
  scores,
  numbers,
  accuracy,
  absoluteError,
  split,
  liveLatency,
  liveErrors,
  liveCapacity,
] as const;

export type RegisteredGate = (typeof REGISTRY)[number];
export type GateName = RegisteredGate['id'];
