/** Reads what was sent to the control route, or says in a sentence what is wrong with it. */
import * as z from 'zod';

const KINDS: Record<string, string> = {
  array: 'a list of strings',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  string: 'a string',
};

export function wholeNumber(name: string, least: number) {
  const message = `"${name}" must be a whole number of ${least} or more.`;
  return z.int(message).min(least, message);
}

/** @param shape the sentence for what is no object at all */
export function readControl<T extends z.ZodType>(
  schema: T,
  body: unknown,
  shape: string,
): z.output<T> | string {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  if (issue.path.length === 0 && issue.code === 'invalid_type') return shape;
  // An element of a list is the list's fault.
  const isElement = typeof issue.path.at(-1) === 'number';
  const name = issue.path.filter((key) => typeof key === 'string').join('.');
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    return `"${name}" must be ${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}.`;
  }
  const kind =
    issue.code === 'invalid_type' ? KINDS[isElement ? 'array' : issue.expected] : undefined;
  return kind !== undefined && issue.message.startsWith('Invalid input')
    ? `"${name}" must be ${kind}.`
    : issue.message;
}
