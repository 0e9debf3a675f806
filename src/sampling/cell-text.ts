import { isTooDeep, TooDeep } from '../common/depth.js';
import { stringifyJson } from '../common/exact-numbers.js';

/** A value of a typed file as a CSV would have it; the model's own types are read from that. @throws TooDeep */
export function cellText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return '';
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
      if (isTooDeep(value)) throw new TooDeep();
      return stringifyJson(value) ?? '';
    default:
      return '';
  }
}
