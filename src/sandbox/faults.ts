/** Faults on demand: a list in memory, filled through the control route. */
import { sameName } from '../common/same-name.js';
import * as z from 'zod';
import { readControl, wholeNumber } from './control-body.js';

interface FaultMatch {
  method?: string;
  /** Name of an endpoint, without case. */
  endpoint?: string;
  /** Does a scoring request name its deployment? */
  pinned?: boolean;
  /** Regular expression, without case, over the request's path and query. */
  path?: string;
  /** Name of a deployment, without case. */
  deployment?: string;
}

/** Faults of one HTTP answer. */
export interface ReplyFault {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

type FaultAction =
  /** Answer this instead (ARM and scoring). */
  | ReplyFault
  /** Hold the answer back for this many milliseconds, not scaled; then go on. */
  | { delayMs: number }
  /** Close the connection without an answer. */
  | { drop: true }
  /** The deployment's container crashes at start; the text goes to its log. */
  | { crash: string }
  /** The deployment's PUT is refused for want of quota. */
  | { quota: true }
  /** The operation that this write begins fails so. */
  | { operationError: { code: string; message: string } }
  /** The operation that this write begins takes so much longer, in milliseconds, not scaled. */
  | { slowOperationMs: number }
  /** An unpinned request is routed by this split, and not by the one that is configured. */
  | { serve: Record<string, number> }
  /** The answer does not name the deployment that gave it. */
  | { noDeploymentHeader: true }
  /** The request waits until the control route releases this name: time for another operator. */
  | { hold: string };

export interface Fault {
  match: FaultMatch;
  /** How often it strikes; missing means once. */
  times: number;
  /** It strikes only after this many other requests. */
  after?: { match: FaultMatch; times: number };
  action: FaultAction;
}

interface FaultTarget {
  method?: string;
  endpoint?: string | undefined;
  pinned?: boolean;
  path?: string;
  deployment?: string | undefined;
}

type ActionKey =
  | 'status'
  | 'delayMs'
  | 'drop'
  | 'crash'
  | 'quota'
  | 'operationError'
  | 'slowOperationMs'
  | 'serve'
  | 'noDeploymentHeader'
  | 'hold';
type FaultOf<K extends ActionKey> = Extract<FaultAction, { [P in K]: Record<P, unknown> }[K]>;

const ACTION_KEYS: readonly ActionKey[] = [
  'status',
  'delayMs',
  'drop',
  'crash',
  'quota',
  'operationError',
  'slowOperationMs',
  'serve',
  'noDeploymentHeader',
  'hold',
];

export class FaultList {
  readonly holds = new Holds();
  #faults: Fault[] = [];

  add(fault: Fault): void {
    this.#faults.push(fault);
  }

  clear(): void {
    this.#faults = [];
    this.holds.releaseAll();
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  /** A request has come: it waits where it is told to, and counts for faults that wait for it. */
  async arrive(target: FaultTarget): Promise<void> {
    const held = this.take(['hold'], target);
    for (const { after } of this.#faults) {
      if (after && after.times > 0 && matches(after.match, target)) after.times -= 1;
    }
    if (held !== undefined) await this.holds.wait(held.hold);
  }

  /**
   * The first fault of one of these kinds that matches, used up by one.
   * A fault that names what the target does not say (a method at a container's start) is no match.
   */
  take<K extends ActionKey>(kinds: readonly K[], target: FaultTarget): FaultOf<K> | undefined {
    const index = this.#faults.findIndex(
      ({ action, after, match }) =>
        kinds.some((kind) => kind in action) &&
        (after === undefined || after.times === 0) &&
        matches(match, target),
    );
    const fault = this.#faults[index];
    if (fault === undefined) return undefined;
    fault.times -= 1;
    if (fault.times <= 0) this.#faults.splice(index, 1);
    return fault.action as FaultOf<K>;
  }
}

function matches(match: FaultMatch, target: FaultTarget): boolean {
  // A connection through the proxy is hit only by a fault that asks for one.
  if (target.method === 'CONNECT' && match.method?.toUpperCase() !== 'CONNECT') return false;
  if (match.method !== undefined && match.method.toUpperCase() !== target.method?.toUpperCase())
    return false;
  if (match.path !== undefined) {
    if (target.path === undefined || !new RegExp(match.path, 'i').test(target.path)) return false;
  }
  if (match.pinned !== undefined && match.pinned !== target.pinned) return false;
  return (['endpoint', 'deployment'] as const).every(
    (key) => match[key] === undefined || sameName(match[key], target[key]),
  );
}

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text, 'i');
    return true;
  } catch {
    return false;
  }
};

function matchOf(name: string) {
  return z.strictObject(
    {
      method: z.string().optional(),
      path: z.string().refine(isPattern, `"${name}.path" is not a regular expression.`).optional(),
      endpoint: z.string().optional(),
      deployment: z.string().optional(),
      pinned: z.boolean().optional(),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `"${name}" accepts method, path, endpoint, deployment and pinned, not "${issue.keys[0] ?? ''}".`
          : undefined,
    },
  );
}

const FaultBody = z.object({
  match: matchOf('match').default({}),
  times: wholeNumber('times', 1).default(1),
  after: z
    .object({ match: matchOf('after.match'), times: wholeNumber('after.times', 1) })
    .nullish()
    .transform((after) => after ?? undefined),
  action: z
    .record(z.string(), z.unknown())
    .refine(
      (action) => ACTION_KEYS.some((key) => Object.hasOwn(action, key)),
      `"action" must hold one of ${ACTION_KEYS.join(', ')}.`,
    ),
});

/** Reads what was POSTed to the control route; a string says what is wrong with it. */
export function parseFault(body: unknown): Fault | string {
  return readControl(FaultBody, body, 'A fault is a JSON object.') as Fault | string;
}

class Holds {
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Resolves when `name` is released. */
  wait(name: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]);
    });
  }

  /** How many requests wait, by name. */
  list(): Record<string, number> {
    return Object.fromEntries([...this.#waiting].map(([name, all]) => [name, all.length]));
  }

  release(name: string): void {
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const resolve of waiting) resolve();
  }

  releaseAll(): void {
    for (const name of [...this.#waiting.keys()]) this.release(name);
  }
}
