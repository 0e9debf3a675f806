/** GET for checks over HTTP: headers from environment variables, no redirects, a time limit. */
import { z } from 'zod';
import { isSecretName, looksSecret } from '../../common/hide-secrets.js';
import { TIMEOUT_SECONDS, Unreadable, within, type CheckAround } from './check.js';

const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g;
const MOST_BYTES = 1024 * 1024;

/** A secret belongs in a variable: the plan is kept, and the variable's value is not. */
export const headersRule = z
  .record(z.string().regex(/^[\w-]+$/, 'use the name of a header'), z.string())
  .superRefine((headers, check) => {
    for (const [name, value] of Object.entries(headers)) {
      const secret = isSecretName(name) || looksSecret(value);
      if (!secret || value.match(VARIABLE)) continue;
      const message = `write its secret as an environment variable, for example "Bearer \${TOKEN}"`;
      check.addIssue({ code: 'custom', message, path: [name] });
    }
  })
  .optional();

export const urlRule = z
  .string('use an http or https address')
  .regex(/^https?:\/\/[^/\s@]+(?:\/\S*)?$/, 'use an http or https address without a password');

export async function getText(
  url: string,
  {
    headers = {},
    timeoutSeconds = TIMEOUT_SECONDS,
  }: {
    headers?: Record<string, string> | undefined;
    timeoutSeconds?: number | undefined;
  },
  { variables, signal }: CheckAround,
): Promise<string> {
  const sent = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    value.replace(VARIABLE, (_, variable: string) => {
      const known = variables[variable];
      if (known === undefined || known === '') {
        throw new Unreadable(`The environment variable ${variable} is not set.`);
      }
      return known;
    }),
  ]);
  const { host } = new URL(url);
  return within(timeoutSeconds, signal, host, async (until) => {
    try {
      const answer = await fetch(url, {
        headers: { accept: 'application/json', ...Object.fromEntries(sent) },
        signal: until,
        // A header that signs in is for this address alone.
        redirect: 'manual',
      });
      const pieces: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
        bytes += piece.length;
        if (bytes > MOST_BYTES) throw new Unreadable('The answer is larger than 1 MB.');
        pieces.push(piece);
      }
      if (!answer.ok) throw new Unreadable(`${host} answered ${answer.status}.`);
      return Buffer.concat(pieces).toString('utf8');
    } catch (error) {
      if (until.aborted || error instanceof Unreadable) throw error;
      const { cause, message } = error as Error & { cause?: { code?: string } };
      throw new Unreadable(`${host} can't be reached (${cause?.code ?? message}).`);
    }
  });
}
