/** One call of MLflow's REST API, its parameters (a query's or a body's, alike), and its failures. */
import { type Correlation, wireTime } from '../arm/errors.js';
import type { SandboxContext } from '../context.js';

export interface MlflowCall {
  context: SandboxContext;
  /** Of a GET the query, of any other request the JSON body. */
  params: Record<string, unknown>;
  caller: { objectId: string; name: string };
}

/** The body of the answer; an empty object where there is nothing to say. */
type MlflowHandler = (call: MlflowCall) => unknown;

/** Adds a route below `/api/2.0/mlflow/`. */
export type AddMlflowRoute = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  handler: MlflowHandler,
) => void;

export function optionalString(call: MlflowCall, name: string): string | undefined {
  const value = call.params[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && typeof value !== 'number')
    throw invalidParameter(`Parameter '${name}' must be a string.`);
  return String(value);
}

export function required(call: MlflowCall, name: string): string {
  const value = optionalString(call, name);
  if (value === undefined || value === '')
    throw invalidParameter(`Missing value for required parameter '${name}'.`);
  return value;
}

/** A whole number, which clients send as a number or as a string. */
export function optionalInteger(call: MlflowCall, name: string): number | undefined {
  const value = optionalString(call, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,16}$/.test(value))
    throw invalidParameter(`Parameter '${name}' must be a whole number.`);
  return Number(value);
}

/** A repeated parameter; a query holds one of them as a plain value. */
export function repeated(call: MlflowCall, name: string): string[] {
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
  const size = optionalInteger(call, 'max_results') ?? most;
  if (size < 1 || size > 50_000)
    throw invalidParameter(`Invalid value ${size} for parameter 'max_results'.`);
  const token = optionalString(call, 'page_token') ?? '';
  if (token !== '' && !/^\d{1,9}$/.test(token)) throw invalidParameter('Invalid page token.');
  const from = Number(token === '' ? '0' : token);
  const more = from + size < items.length;
  return {
    items: items.slice(from, from + size),
    next: more ? { next_page_token: String(from + size) } : {},
  };
}

/**
 * Failures: MLflow's `error_code` (mlflow `databricks.proto`) in the envelope that Azure's tracking
 * service puts around it, as Azure/azure-sdk-for-python#42155 shows it.
 */
const STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  BAD_REQUEST: 400,
  INVALID_STATE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  FEATURE_DISABLED: 501,
  INTERNAL_ERROR: 500,
} as const;

type MlflowErrorCode = keyof typeof STATUS;

export class MlflowError extends Error {
  override name = 'MlflowError';
  readonly status: number;
  constructor(
    readonly code: MlflowErrorCode,
    message: string,
  ) {
    super(message);
    this.status = STATUS[code];
  }

  envelope(correlation: Correlation, location: string, nowMs: number): unknown {
    return {
      Error: {
        Code: 'UserError',
        Severity: null,
        Message: this.message,
        MessageFormat: null,
        MessageParameters: null,
        ReferenceCode: null,
        DetailsUri: null,
        Target: null,
        Details: [],
        InnerError: null,
        DebugInfo: null,
        AdditionalInfo: null,
      },
      Correlation: { operation: correlation.operation, request: correlation.request },
      Environment: location,
      Location: location,
      Time: wireTime(nowMs),
      ComponentName: 'mlflow',
      statusCode: this.status,
      error_code: this.code,
    };
  }
}

export function invalidParameter(message: string): MlflowError {
  return new MlflowError('INVALID_PARAMETER_VALUE', message);
}

export function missing(message: string): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', message);
}

export function unsupportedFilter(filter: string | undefined): MlflowError {
  return invalidParameter(
    `Currently unsupported filter string format (we currently do not support OR). Provided filter string: ${filter ?? ''}`,
  );
}

/** What Azure, too, does not do. Its own wording is not known. */
export function unsupported(message: string): MlflowError {
  return new MlflowError('FEATURE_DISABLED', message);
}
