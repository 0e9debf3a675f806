/** What the schemas of endpoint.yml and deployment.yml share. */
import { z } from 'zod';

/** YAML reads `1.0`, `yes` and dates as something else; Azure takes text. */
export const text = z
  .union([z.string(), z.number(), z.boolean()], 'write text, in quotes where it is not a word')
  .transform(String);

export const texts = z.record(z.string(), text);

/** Of `az ml ... show`: what the service says, and nobody can ask for. */
export const shown = z.unknown().optional();

export const access = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['enabled', 'disabled'], 'use enabled or disabled'));

export const SET_BY_AZURE = 'is set by Azure, and is not taken over';
export const WAITED_FOR = 'has no use here: every change is waited for';

/** Members of both files that lead to nothing ... */
export const shownMembers = {
  id: shown,
  kind: shown,
  provisioning_state: shown,
  async: z.boolean().optional(),
};

/** ... and why those do that Azure sets. */
export const SHOWN = { id: SET_BY_AZURE, kind: SET_BY_AZURE, provisioning_state: SET_BY_AZURE };

/** A member that stands in the way, with the sentence that says what to do instead. */
export const notHere = (why: string) => z.never(why).optional();

/** Sentences for members that are read but lead to nothing, each with its place. */
export function ignored(
  value: object,
  where: (path: readonly PropertyKey[]) => string,
  sentences: Record<string, string>,
): string[] {
  return Object.entries(sentences)
    .filter(([key]) => (value as Record<string, unknown>)[key] !== undefined)
    .map(([key, why]) => `${where([key])}: ${key} ${why}.`);
}
