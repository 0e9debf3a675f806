/** One call of ARM, as a handler sees it, how it is read, and its answer. */
import { sameName } from '../../common/same-name.js';
import * as z from 'zod';
import {
  type OperationKind,
  type OperationRecord,
  type PackagePending,
  type PendingEndpoint,
  type SystemData,
  own,
} from '../model.js';
import type { SandboxContext } from '../context.js';
import { type Correlation, invalidRequest, unknownMember, wireTime } from './errors.js';

export const SUB = '/subscriptions/:subscription';
export const GROUP = `${SUB}/resourceGroups/:group`;
export const ML = 'providers/Microsoft.MachineLearningServices';
export const WS = `${GROUP}/${ML}/workspaces/:workspace`;
export const LOCATION = `${SUB}/${ML}/locations/:location`;
export const ENDPOINT = `${WS}/onlineEndpoints/:endpoint`;
export const DEPLOYMENT = `${ENDPOINT}/deployments/:deployment`;
export const REGISTRY_PATH = `${GROUP}/${ML}/registries/:registry`;

export interface OperationStart {
  kind: OperationKind;
  /** Empty where it is about no endpoint. */
  endpoint: string;
  deployment?: string;
  effect?: OperationRecord['effect'];
  pending?: PendingEndpoint;
  package?: PackagePending;
}

export interface ArmCall {
  context: SandboxContext;
  operations: {
    begin(start: OperationStart, call: ArmCall): OperationRecord;
    /** Is anything still running on this endpoint or one of its deployments? */
    busy(endpoint: string): boolean;
  };
  method: string;
  /** Path parameters as written, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  /** The caller's; echoed in every URL that is handed out. */
  apiVersion: string;
  /** Parsed JSON; undefined for an empty body. */
  body: unknown;
  /** `https://management.azure.com` or its twin. */
  origin: string;
  path: string;
  /** Path and query as sent: what faults are matched with. */
  url: string;
  correlation: Correlation;
  /** Who the token was issued to. */
  caller: string;
}

export interface ArmReply {
  status: number;
  /** `null` is sent as the text `null`; undefined sends no body. */
  body?: unknown;
  headers?: Record<string, string>;
}

type ArmHandler = (call: ArmCall) => ArmReply | Promise<ArmReply>;

/** Adds a route; the plugins of the areas are handed it. */
export type AddArmRoute = (
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  handler: ArmHandler,
) => void;

export function ok(body: unknown): ArmReply {
  return { status: 200, body };
}

/** A query parameter, its name compared without case. */
export function queryValue(call: ArmCall, name: string): string | undefined {
  for (const [key, value] of call.query) {
    if (sameName(key, name)) return value;
  }
  return undefined;
}

export function param(call: ArmCall, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`The route has no parameter ${name}.`);
  return value;
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The body as this schema reads it.
 * @param type the service's name for it, which a refusal of an unknown member says
 * @param propertiesType that of its `properties`
 * @throws ArmError that says what is wrong with it
 */
export function readBody<T extends z.ZodType>(
  call: ArmCall,
  schema: T,
  type: string,
  propertiesType = type,
): z.output<T> {
  const read = schema.safeParse(call.body);
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  if (issue.code !== 'unrecognized_keys') throw invalidRequest(problemOf(issue));
  const [key = ''] = issue.keys;
  const isOfProperties = issue.path[0] === 'properties';
  throw unknownMember(key, isOfProperties ? propertiesType : type, [...issue.path, key].join('.'));
}

function problemOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  // Where the schema has words of its own, they are better.
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input'))
    return issue.message;
  if (path === '') return 'The request body must be a JSON object.';
  if (issue.message.endsWith('undefined')) return `The property '${path}' is required.`;
  const kind = issue.expected === 'record' ? 'object' : issue.expected;
  return `The property '${path}' must be ${kind === 'object' ? 'an' : 'a'} ${kind}.`;
}

/** Clients send `null` for what they do not set. */
export function orElse<T extends z.ZodType, D>(schema: T, fallback: D): z.ZodType<z.output<T> | D> {
  return schema.nullish().transform((value) => value ?? fallback);
}

/** Text, or null; the empty text counts as none. */
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => value || null);

/** One of these words, compared without case. */
export function anyCase<T extends string>(values: readonly T[], message: string) {
  return z.unknown().transform((given, context): T => {
    const word = typeof given === 'string' ? given.toLowerCase().replaceAll(' ', '') : undefined;
    const found = values.find((value) => value.toLowerCase() === word);
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

/** A member that is not looked at. */
export const anything = z.unknown().optional();

/** Members of every resource: what the service sets itself may be sent back to it. */
export const RESOURCE = {
  id: anything,
  name: anything,
  type: anything,
  systemData: anything,
};

/** A map of strings; a key without a value is left out. */
export const stringMap = z
  .record(z.string(), z.string().nullable())
  .transform(
    (given) =>
      Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Record<
        string,
        string
      >,
  );
export const strings = orElse(stringMap, {});

/** An object that may be left out when all of its members may. */
export function orEmpty<T extends z.ZodType>(schema: T) {
  return z.preprocess((given) => given ?? {}, schema);
}

const DEFAULT_PAGE = 30;

/** A page of a list: `count` or `$top` items, then a `nextLink` with a `$skip` token. */
export function page(call: ArmCall, items: unknown[]): ArmReply {
  const skip = wholeNumber(call, '$skip') ?? 0;
  const top = wholeNumber(call, '$top');
  const size = Math.max(1, top ?? wholeNumber(call, 'count') ?? DEFAULT_PAGE);
  const value = items.slice(skip, skip + size);
  // `$top` is the most that the caller wants in all; `count` is the size of a page.
  const more = top === undefined && skip + size < items.length;
  if (!more) return ok({ value });
  const next = new URLSearchParams(call.query);
  for (const key of [...next.keys()]) if (key.toLowerCase() === '$skip') next.delete(key);
  next.set('$skip', String(skip + size));
  return ok({ value, nextLink: `${call.origin}${call.path}?${next.toString()}` });
}

function wholeNumber(call: ArmCall, name: string): number | undefined {
  const given = queryValue(call, name);
  if (given === undefined || given === '') return undefined;
  if (!/^\d{1,9}$/.test(given)) throw invalidRequest(`The query parameter '${name}' is not valid.`);
  return Number(given);
}

/** Filters by `listViewType`: ActiveOnly (default), ArchivedOnly or All. */
export function byListView<T extends { isArchived: boolean }>(call: ArmCall, items: T[]): T[] {
  const view = (queryValue(call, 'listViewType') ?? 'ActiveOnly').toLowerCase();
  if (view === 'all') return items;
  return items.filter((item) => item.isArchived === (view === 'archivedonly'));
}

/** `tags=a=1,b` keeps what has tag `a` of value 1 and a tag `b`; the same form for properties. */
export function byPairs(query: string | undefined, pairs: Record<string, string>): boolean {
  return (query ?? '')
    .split(',')
    .filter((pair) => pair !== '')
    .every((pair) => {
      const [key = '', ...value] = pair.split('=');
      const given = own(pairs, key);
      return given !== undefined && (value.length === 0 || given === value.join('='));
    });
}

/** Who makes a record now. */
export function created(call: Pick<ArmCall, 'context' | 'caller'>): SystemData {
  const now = wireTime(call.context.clock.now());
  return {
    createdAt: now,
    createdBy: call.caller,
    createdByType: 'User',
    lastModifiedAt: now,
    lastModifiedBy: call.caller,
    lastModifiedByType: 'User',
  };
}

export function modified(
  call: Pick<ArmCall, 'context' | 'caller'>,
  before: SystemData,
): SystemData {
  const { lastModifiedAt, lastModifiedBy, lastModifiedByType } = created(call);
  return { ...before, lastModifiedAt, lastModifiedBy, lastModifiedByType };
}
