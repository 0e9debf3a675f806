/** One call of MLflow's REST API, and its parameters: a query's or a body's, alike. */
import type { SandboxContext } from '../model.js';
import { invalidParameter } from './errors.js';

export interface MlflowCall {
  context: SandboxContext;
  /** Of a GET the query, of any other request the JSON body. */
  params: Record<string, unknown>;
  caller: { objectId: string; name: string };
}

/** The body of the answer; an empty object where there is nothing to say. */
export type MlflowHandler = (call: MlflowCall) => unknown;

export function text(call: MlflowCall, name: string): string | undefined {
  const value = call.params[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number')
    throw invalidParameter(`Parameter '${name}' must be a string.`);
  return String(value);
}

export function required(call: MlflowCall, name: string): string {
  const value = text(call, name);
  if (value === undefined || value === '')
    throw invalidParameter(`Missing value for required parameter '${name}'.`);
  return value;
}

/** A whole number, which clients send as a number or as a string. */
export function whole(call: MlflowCall, name: string): number | undefined {
  const value = text(call, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,16}$/.test(value))
    throw invalidParameter(`Parameter '${name}' must be a whole number.`);
  return Number(value);
}

/** A repeated parameter; a query holds one of them as a plain value. */
export function texts(call: MlflowCall, name: string): string[] {
  const value = call.params[name];
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** `[{key, value}, …]`, MLflow's form of tags and parameters. */
export function pairs(call: MlflowCall, name: string): [string, string][] {
  const value = call.params[name] ?? [];
  if (!Array.isArray(value)) throw invalidParameter(`Parameter '${name}' must be a list.`);
  return value.map((one) => {
    const { key, value: given } = (one ?? {}) as { key?: unknown; value?: unknown };
    if (typeof key !== 'string' || key === '')
      throw invalidParameter(`Every entry of '${name}' needs a key.`);
    return [key, given === undefined || given === null ? '' : String(given)];
  });
}

export function asPairs(record: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

/** A page of `max_results` items, and the token of the next. */
export function pageOf<T>(
  call: MlflowCall,
  items: T[],
  most: number,
): { items: T[]; next: { next_page_token?: string } } {
  const size = whole(call, 'max_results') ?? most;
  if (size < 1 || size > 50_000)
    throw invalidParameter(`Invalid value ${size} for parameter 'max_results'.`);
  const token = text(call, 'page_token') ?? '';
  if (token !== '' && !/^\d{1,9}$/.test(token)) throw invalidParameter('Invalid page token.');
  const from = Number(token === '' ? '0' : token);
  const more = from + size < items.length;
  return {
    items: items.slice(from, from + size),
    next: more ? { next_page_token: String(from + size) } : {},
  };
}
