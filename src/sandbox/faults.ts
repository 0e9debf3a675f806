/** Faults on demand: a list in memory, filled through the control route. */

export interface FaultMatch {
  method?: string;
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

export type FaultAction =
  /** Answer this instead (ARM and scoring). */
  | ReplyFault
  /** Hold the answer back for so many milliseconds, not scaled; then go on. */
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
  | { noDeploymentHeader: true };

export interface Fault {
  match: FaultMatch;
  /** How often it strikes; missing means once. */
  times: number;
  action: FaultAction;
}

export interface FaultTarget {
  method?: string;
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
  | 'noDeploymentHeader';
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
];

export class FaultList {
  #faults: Fault[] = [];

  add(fault: Fault): void {
    this.#faults.push(fault);
  }

  clear(): void {
    this.#faults = [];
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  /**
   * The first fault of one of these kinds that matches, used up by one.
   * A fault that names what the target does not say (a method at a container's start) is no match.
   */
  take<K extends ActionKey>(kinds: readonly K[], target: FaultTarget): FaultOf<K> | undefined {
    const index = this.#faults.findIndex(
      (fault) => kinds.some((kind) => kind in fault.action) && matches(fault.match, target),
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
  return (
    match.deployment === undefined ||
    match.deployment.toLowerCase() === target.deployment?.toLowerCase()
  );
}

/** Reads what was POSTed to the control route; a string says what is wrong with it. */
export function parseFault(body: unknown): Fault | string {
  if (typeof body !== 'object' || body === null) return 'A fault is a JSON object.';
  const { match = {}, times = 1, action } = body as Record<string, unknown>;
  if (typeof match !== 'object' || match === null) return '"match" must be an object.';
  for (const key of Object.keys(match)) {
    if (!['method', 'path', 'deployment'].includes(key))
      return `"match" knows method, path and deployment, not "${key}".`;
    if (typeof (match as Record<string, unknown>)[key] !== 'string')
      return `"match.${key}" must be a string.`;
  }
  const { path } = match as FaultMatch;
  if (path !== undefined) {
    try {
      new RegExp(path, 'i');
    } catch {
      return '"match.path" is not a regular expression.';
    }
  }
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 1)
    return '"times" must be a whole number of 1 or more.';
  if (typeof action !== 'object' || action === null) return '"action" must be an object.';
  if (!ACTION_KEYS.some((key) => key in action))
    return `"action" must hold one of ${ACTION_KEYS.join(', ')}.`;
  return { match: match as FaultMatch, times, action: action as FaultAction };
}
