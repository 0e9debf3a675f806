/**
 * What Azure Monitor is said to have seen: metrics of any resource, and answers to queries of logs.
 * Set by the control route, kept in the state; the sandbox has no resources but its own, and runs no KQL.
 */
import * as z from 'zod';
import { readControl } from './control-body.js';
import type { SandboxState } from './model.js';

const MINUTE = 60_000;

/** Epoch milliseconds; without an end it goes on. */
interface Seen {
  from: number;
  to?: number | undefined;
}

export interface ObservedMetric extends Seen {
  /** ARM id. */
  resource: string;
  metric: string;
  dimensions: Record<string, string>;
  /** Of every minute. */
  value: number;
}

export interface ObservedLog extends Seen {
  /** A workspace's customer id, or the ARM id of a resource. */
  of: string;
  /** Part of the queries that it answers. */
  query: string;
  columns: { name: string; type: string }[];
  rows: unknown[][];
  /** With what came until it failed, as the service has it. */
  partialError?: string | undefined;
}

export interface Observed {
  metrics: ObservedMetric[];
  logs: ObservedLog[];
}

/** Minutes ago; without it from a day ago, and on. */
const minutesAgo = z
  .tuple([z.number(), z.number()])
  .refine(([from, to]) => from > to, '"minutesAgo" must be two numbers, the earlier time first.')
  .optional();

const Body = z.strictObject({
  metrics: z
    .array(
      z.strictObject({
        resource: z.string(),
        metric: z.string(),
        dimensions: z.record(z.string(), z.string()).default({}),
        value: z.number(),
        minutesAgo,
      }),
    )
    .default([]),
  logs: z
    .array(
      z.strictObject({
        of: z.string(),
        query: z.string(),
        columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
        rows: z.array(z.array(z.unknown())),
        partialError: z.string().optional(),
        minutesAgo,
      }),
    )
    .default([]),
});

export const observedOf = ({ observed }: SandboxState): Observed =>
  observed ?? { metrics: [], logs: [] };

/** With what a control request adds; a string says what is wrong with it. */
export function addObserved(state: SandboxState, body: unknown, now: number): Observed | string {
  const read = readControl(Body, body, 'What is observed is a JSON object.');
  if (typeof read === 'string') return read;
  const { metrics, logs } = observedOf(state);
  // The newest first: of two that fit a query, it answers.
  return {
    metrics: [...read.metrics.map((each) => seen(each, now)), ...metrics],
    logs: [...read.logs.map((each) => seen(each, now)), ...logs],
  };
}

function seen<T extends { minutesAgo?: [number, number] | undefined }>(
  { minutesAgo: ago = [24 * 60, 0], ...rest }: T,
  now: number,
): Omit<T, 'minutesAgo'> & Seen {
  const [from, to] = ago;
  return { ...rest, from: now - from * MINUTE, ...(to > 0 && { to: now - to * MINUTE }) };
}

export const wasSeen = ({ from, to = Infinity }: Seen, at: number): boolean =>
  at >= from && at < to;
