/** GET for checks over HTTP, by the way out of the connection: headers from environment variables, a time limit. */
import * as z from 'zod';
import { withVariables } from '../named-program.js';
import { looksSecret } from '../../common/hide-secrets.js';
import { isReference } from '../../common/secret-names.js';
import { failureOf } from '../errors.js';
import { Unreadable, within, type CheckAround } from './check.js';

const MOST_BYTES = 1024 * 1024;

/** Names of headers tell nothing: a service may take its key by any other. */
const OPEN_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'user-agent']);

/** A secret belongs in a variable: the plan is kept, and the variable's value is not. */
export const headersRule = z
  .record(z.string().regex(/^[\w-]+$/, 'use the name of a header'), z.string())
  .superRefine((headers, check) => {
    for (const [name, value] of Object.entries(headers)) {
      const open = OPEN_HEADERS.has(name.toLowerCase()) && !looksSecret(value);
      if (open || isReference(value)) continue;
      const message = `write its value as an environment variable, for example "Bearer \${TOKEN}"; only ${[...OPEN_HEADERS].join(', ')} are kept as text`;
      check.addIssue({ code: 'custom', message, path: [name] });
    }
  })
  .optional();

export const urlRule = z
  .string('use an http or https address')
  .regex(/^https?:\/\/[^/\s@]+(?:\/\S*)?$/, 'use an http or https address without a password')
  .refine((url) => !looksSecret(url), 'write its secret as an environment variable: ${NAME}');

export async function getText(
  url: string,
  {
    headers = {},
    timeoutSeconds,
  }: {
    headers?: Record<string, string> | undefined;
    timeoutSeconds?: number | undefined;
  },
  { variables, signal, workspace }: CheckAround,
): Promise<string> {
  const sent = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    withVariables(value, variables),
  ]);
  const { host } = new URL(url);
  return within(timeoutSeconds, signal, host, async (until) => {
    try {
      const asked = { headers: { accept: 'application/json', ...Object.fromEntries(sent) } };
      const { status, body } = await workspace.webRequest(url, asked, until);
      const pieces: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of body) {
        bytes += piece.length;
        if (bytes > MOST_BYTES) throw new Unreadable('The answer is larger than 1 MB.');
        pieces.push(piece);
      }
      const text = Buffer.concat(pieces).toString('utf8');
      if (status >= 200 && status < 300) return text;
      throw new Unreadable(`${host} answered ${status}${reasonIn(text)}.`);
    } catch (error) {
      if (until.aborted || error instanceof Unreadable) throw error;
      const { message, advice, code } = failureOf(error, `read ${host}`);
      // Azure's advice for a port where nothing listens is about the sandbox.
      const hint = code === 'ECONNREFUSED' ? '' : ` ${advice}`;
      throw new Unreadable(`${host} can't be reached: ${message}${hint}`);
    }
  });
}

/** Prometheus says in its answer what is wrong with a query, and many others do so too. */
function reasonIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? `: ${error}` : '';
  } catch {
    return '';
  }
}
