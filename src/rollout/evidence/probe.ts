/** Un-pinned requests: which deployment answers, so that the split is seen and not believed. */
import type { Endpoint, Workspace } from '../../azure/types.js';
import { isFailure } from './gates/evidence.js';
import { ALL_FAILED } from './gates/split.js';
import { readAnswer } from './replay.js';

export interface Probes {
  sent: number;
  failed: number;
  /** Answers by the deployment that the response header names. */
  served: Record<string, number>;
  /** Of those, answers that are the deployment's failure. */
  errors?: Record<string, number>;
  /** Of those, answers that it was too busy. */
  busy?: Record<string, number>;
  /** Of the last one that failed, a sentence that may be kept. */
  message?: string;
  /** The same in the deployment's own words. */
  said?: string;
  /** How many of the last ones in a row failed, and name nobody. */
  unanswered: number;
  /** `silent`: all failed, or so many in a row that more would tell nothing. `nameless`: answers come, and none tells who gave it, so that more would tell nothing either. */
  stopped?: 'aborted' | 'sign-in' | 'busy' | 'silent' | 'nameless';
}

interface ProbeOptions {
  workspace: Pick<Workspace, 'score'>;
  endpoint: Endpoint;
  /** Sent in turn. Real traffic, so one in flight. */
  bodies: readonly unknown[];
  count: number;
  runId: string;
  /** Sent although answers name nobody: somebody else counts them. */
  counted?: 'elsewhere';
  /** Of probes sent before, which these continue. */
  unanswered?: number;
  signal?: AbortSignal;
  onProbe?: (probes: Probes) => void;
}

/** Good answers without a name after which no further one is expected to have one. */
const NAMELESS = 5;

/** Probes from which on the first of them uses the connection that is kept. */
const KEPT_FROM = 10;

/**
 * Routers may choose per connection, so each probe opens one of its own: what a kept connection is
 * answered says the same however often. The first of many uses the kept one, as callers do, and
 * counts once. Never rejects.
 */
export async function probe(options: ProbeOptions): Promise<Probes> {
  const { workspace, endpoint, bodies, count, runId, counted, signal, onProbe } = options;
  const probes: Probes = {
    sent: 0,
    failed: 0,
    served: {},
    unanswered: options.unanswered ?? 0,
  };
  while (probes.sent < count && bodies.length > 0) {
    if (signal?.aborted) return { ...probes, stopped: 'aborted' };
    const body = bodies[probes.sent % bodies.length];
    const scored = await workspace.score(endpoint, body, {
      clientRequestId: `amlr-${runId}-p${probes.sent}`,
      freshConnection: probes.sent > 0 || count < KEPT_FROM,
      ...(signal && { signal }),
    });
    if (signal?.aborted) return { ...probes, stopped: 'aborted' };
    const answer = readAnswer(scored, body);
    probes.sent += 1;
    if (!answer.ok) {
      probes.failed += 1;
      probes.message = answer.summary ?? `status ${answer.status}`;
      if (answer.message !== answer.summary) probes.said = answer.message;
    }
    probes.unanswered = answer.ok || answer.deployment !== undefined ? 0 : probes.unanswered + 1;
    const by = answer.deployment;
    if (by !== undefined) {
      const one = { [by]: 1 };
      probes.served = summed(probes.served, one);
      if (isFailure(answer)) probes.errors = summed(probes.errors, one);
      if (answer.problem === 'busy') probes.busy = summed(probes.busy, one);
    }
    onProbe?.({ ...probes });
    if (answer.problem === 'sign-in') return { ...probes, stopped: 'sign-in' };
    if (answer.problem === 'busy') return { ...probes, stopped: 'busy' };
    const allFailed = probes.sent >= ALL_FAILED && probes.failed === probes.sent;
    if (allFailed || probes.unanswered >= ALL_FAILED) {
      return { ...probes, stopped: 'silent' };
    }
    if (counted === undefined && isNameless(probes)) return { ...probes, stopped: 'nameless' };
  }
  return probes;
}

/** Counts by name, of both. */
export function summed(
  some: Record<string, number> = {},
  more: Record<string, number> = {},
): Record<string, number> {
  const sums = { ...some };
  for (const [name, count] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

/** Whether the answers lack the response header `azureml-model-deployment`. */
export const isNameless = ({
  sent,
  failed,
  served,
}: Pick<Probes, 'sent' | 'failed' | 'served'>): boolean =>
  sent - failed >= NAMELESS && Object.keys(served).length === 0;
