/** One call of ARM, as a handler sees it, and its answer. */
import type { SandboxContext } from '../model.js';
import type { Operations } from './async-operation.js';

export interface ArmCall {
  context: SandboxContext;
  operations: Operations;
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

export interface Correlation {
  id: string;
  operation: string;
  request: string;
}

export interface ArmReply {
  status: number;
  /** `null` is sent as the text `null`; undefined sends no body. */
  body?: unknown;
  headers?: Record<string, string>;
}

export type Handler = (call: ArmCall) => ArmReply | Promise<ArmReply>;

export function ok(body: unknown): ArmReply {
  return { status: 200, body };
}

/** A query parameter, its name compared without case. */
export function queryValue(call: ArmCall, name: string): string | undefined {
  for (const [key, value] of call.query) {
    if (key.toLowerCase() === name.toLowerCase()) return value;
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
