/** Digs the sentence that matters out of Azure's nested error bodies. */
import { hideSecrets } from '../common/hide-secrets.js';
import { oneLine } from './text.js';

type Json = Record<string, unknown>;

const GENERIC =
  /^(the request is invalid\.?|the specified resource was not found\.?|one or more validation errors occurred\.?|bad request\.?|not found\.?|an error occurred\.?|internal ?server ?error\.?)$/i;

export interface ErrorDetail {
  code?: string;
  /** Innermost first: what says most. A server may repeat a key in it, so none is left. */
  message: string;
  /** Every message and code found on the way, for recognising the case. */
  all: string;
  correlationId?: string;
}

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() ? value : undefined;
}

/** The JSON inside a message; a formatter may have doubled its braces. */
function jsonInside(text: string): Json | undefined {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start) return undefined;
  const part = text.slice(start, end + 1);
  const undoubled = part.replaceAll('{{', '{').replaceAll('}}', '}');
  for (const candidate of part.startsWith('{{') ? [undoubled, part] : [part, undoubled]) {
    try {
      return asObject(JSON.parse(candidate));
    } catch {
      // Try the other reading.
    }
  }
  return undefined;
}

/** Messages of one error object, deepest first. */
function messages(error: Json, depth = 0): string[] {
  if (depth > 8) return [];
  const found: string[] = [];
  for (const detail of Array.isArray(error['details']) ? error['details'] : []) {
    const object = asObject(detail);
    if (object) found.push(...messages(object, depth + 1));
  }
  const inner = asObject(error['innererror'] ?? error['innerError'] ?? error['error']);
  if (inner) found.push(...messages(inner, depth + 1));

  // ASP.NET's validation problems: {"errors": {"VmSize": ["…"]}, "title": "…"}
  const errors = asObject(error['errors']);
  if (errors) {
    for (const list of Object.values(errors)) {
      for (const item of Array.isArray(list) ? list : [list]) {
        const text = asText(item);
        if (text) found.push(text);
      }
    }
  }
  const own =
    asText(error['message']) ??
    asText(error['Message']) ??
    asText(error['detail']) ??
    asText(error['error_description']) ??
    asText(error['title']);
  if (own) {
    const nested = jsonInside(own);
    const deeper = nested ? messages(nested, depth + 1) : [];
    found.push(...(deeper.length > 0 ? deeper : [own]));
  }
  // Last, since it repeats the outer code more often than it says something new.
  for (const info of Array.isArray(error['additionalInfo']) ? error['additionalInfo'] : []) {
    const object = asObject(info);
    if (object?.['type'] !== 'InnerError') continue;
    const value = asObject(asObject(object['info'])?.['value']);
    if (value) found.push(...messages(value, depth + 1));
  }
  return found;
}

function codes(error: Json, depth = 0): string[] {
  if (depth > 8) return [];
  const own = asText(error['code']);
  const details = Array.isArray(error['details']) ? error['details'] : [];
  return [
    ...(own ? [own] : []),
    ...details.flatMap((detail) => codes(asObject(detail) ?? {}, depth + 1)),
    ...codesBelow(error, depth),
  ];
}

function codesBelow(error: Json, depth: number): string[] {
  const inner = asObject(error['innererror'] ?? error['innerError'] ?? error['error']);
  return inner ? codes(inner, depth + 1) : [];
}

function correlation(error: Json): string | undefined {
  for (const info of Array.isArray(error['additionalInfo']) ? error['additionalInfo'] : []) {
    const object = asObject(info);
    if (object?.['type'] !== 'Correlation') continue;
    const value = asObject(asObject(object['info'])?.['value']);
    return asText(value?.['operation']) ?? asText(value?.['request']);
  }
  return undefined;
}

/** `body` is a parsed answer: `{error: {…}}`, or the error object itself, or text. */
export function errorDetail(body: unknown): ErrorDetail | undefined {
  if (typeof body === 'string') {
    const text = oneLine(body);
    const nested = jsonInside(body);
    if (nested) return errorDetail(nested);
    return text ? { message: hideSecrets(text).slice(0, 500), all: text } : undefined;
  }
  const outer = asObject(body);
  if (!outer) return undefined;
  const error = asObject(outer['error']) ?? outer;
  const found = [...new Set(messages(error).map(oneLine))].filter(Boolean);
  const known = codes(error);
  const telling = found.filter((message) => !GENERIC.test(message));
  const message = telling[0] ?? found[0] ?? known[0];
  if (!message) return undefined;
  const correlationId = correlation(error);
  return {
    ...(known[0] && { code: oneLine(known[0]) }),
    message: hideSecrets(message),
    all: [...known, ...found].join('\n'),
    ...(correlationId && { correlationId: oneLine(correlationId) }),
  };
}
