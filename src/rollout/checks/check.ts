/**
 * What a custom check is: a number read from outside, set against limits of the plan. Each kind is one
 * file that exports one of these, and one line in `registry.ts`.
 */
import * as z from 'zod';
import { parseShallow, TooDeep } from '../../common/depth.js';
import type { RolloutNames, Variables } from '../named-program.js';
import type { Workspace } from '../../azure/types.js';

/** When checks are asked: before green gets traffic, while it holds a weight, before blue is retired. */
export const CHECK_TIMES = ['before', 'hold', 'retire'] as const;
export type CheckTime = (typeof CHECK_TIMES)[number];

export interface CheckAround {
  names: RolloutNames;
  workspace: Workspace;
  /** ARM id. */
  endpointId: string;
  /** The moment asked about, epoch milliseconds. */
  at: number;
  /** Milliseconds that it lies back; 0 is now. */
  agoMs: number;
  /** Milliseconds until Azure Monitor tells a minute. */
  lagMs: number | undefined;
  /** The plan's own, where commands run. */
  folder: string;
  variables: Variables;
  signal: AbortSignal;
}

export interface CheckKind<Id extends string, Settings> {
  /** Its key in a plan file. */
  id: Id;
  schema: z.ZodType<Settings>;
  /** It can ask about an earlier moment, so that the hour before is a baseline. */
  asksEarlier?: true;
  /** Seconds that one measurement looks back, where the settings say so. */
  looksBack?(settings: Settings): number;
  /** Rejects with `Unreadable` where there is no number. */
  read(settings: Settings, around: CheckAround): Promise<number>;
}

/** Why a check gave no number; one sentence. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const secondsWords = 'use seconds from 1 to 300';
export const secondsRule = z
  .number(secondsWords)
  .min(1, secondsWords)
  .max(300, secondsWords)
  .optional();

export const TIMEOUT_SECONDS = 30;

/** @param who the sentence says that it gave no answer */
export async function within<T>(
  timeoutSeconds: number | undefined,
  signal: AbortSignal,
  who: string,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  const seconds = timeoutSeconds ?? TIMEOUT_SECONDS;
  const timeout = AbortSignal.timeout(seconds * 1000);
  try {
    return await work(AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    if (!timeout.aborted || error instanceof Unreadable) throw error;
    throw new Unreadable(`${who} did not answer within ${seconds} s.`);
  }
}

/** An ARM id, which may name what is rolled out. */
export const resourceRule = z
  .string('use the id of a resource: /subscriptions/…')
  .regex(/^\/subscriptions(?:\/[\w.${}() -]+)+$/i, 'use the id of a resource: /subscriptions/…');

const minutes = 'use whole minutes from 1 to 1440';
/** Minutes before the moment asked about. */
export const windowRule = z.int(minutes).min(1, minutes).max(1_440, minutes).optional();

/** A member of an answer, such as `data.rows[0].value`; the whole answer without a path. */
export function numberAt(value: unknown, path = ''): number {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '' && step !== '$');
  let found = value;
  for (const step of steps) {
    const inside = typeof found === 'object' && found !== null && Object.hasOwn(found, step);
    if (!inside) throw new Unreadable(`The answer has no ${path}.`);
    found = (found as Record<string, unknown>)[step];
  }
  const number = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  if (typeof number === 'boolean') return Number(number);
  const where = path === '' ? 'The answer' : `The answer's ${path}`;
  throw new Unreadable(`${where} is not a number.`);
}

export function parsedJson(text: string): unknown {
  try {
    return parseShallow(text);
  } catch (error) {
    if (error instanceof TooDeep) {
      throw new Unreadable(`The answer can't be read: its ${error.message}.`);
    }
    throw new Unreadable('The answer is neither a number nor JSON.');
  }
}
