/** What the schemas of endpoint.yml and deployment.yml share. */
import * as z from 'zod';
import { inWords } from './yaml-file.js';

export const text = z.string('write text, in quotes where it is not a word');

export const texts = z.record(z.string(), text);

/** Of `az ml ... show`: what the service says, and nobody can ask for. */
export const shown = z.unknown().optional();

/** A word of a fixed list, in upper or lower case as the official client takes it. */
export const word = <const W extends string>(words: readonly [W, ...W[]], problem: string) =>
  z.string().toLowerCase().pipe(z.enum(words, problem));

export const access = word(['enabled', 'disabled'], 'use enabled or disabled');

export const SET_BY_AZURE = 'is set by Azure and ignored here';
export const WAITED_FOR = 'is not used here: every change is waited for';

/** Members of both files that lead to nothing ... */
export const shownMembers = {
  id: shown,
  kind: shown,
  provisioning_state: shown,
  async: z.boolean().optional(),
};

/** ... and why those do that Azure sets. */
export const SHOWN = { id: SET_BY_AZURE, kind: SET_BY_AZURE, provisioning_state: SET_BY_AZURE };

/**
 * Without the properties that Azure sets, which `az ml ... show` prints with those of the person:
 * a new resource must not carry the operation of an old one.
 */
export function ownProperties(
  properties: Record<string, string>,
  setByAzure: readonly string[],
): { own: Record<string, string>; left: string[] } {
  const names = new Set(setByAzure.map((name) => name.toLowerCase()));
  const isLeft = (name: string) => names.has(name.toLowerCase());
  return {
    own: Object.fromEntries(Object.entries(properties).filter(([name]) => !isLeft(name))),
    left: Object.keys(properties).filter(isLeft),
  };
}

/**
 * Text, or members of its own. A union would say only that neither fits, and not what is wrong with
 * the one that was meant.
 */
export const textOr = <T extends z.ZodType>(text: z.ZodType<string>, members: T, wanted: string) =>
  z.unknown().transform((value, check): string | z.output<T> => {
    const isOther = typeof value !== 'object' || value === null || Array.isArray(value);
    if (isOther && typeof value !== 'string') {
      check.addIssue(wanted);
      return z.NEVER;
    }
    const read = (isOther ? text : members).safeParse(value, {
      error: inWords,
      reportInput: true,
    });
    if (read.success) return read.data;
    check.issues.push(...(read.error.issues as never[]));
    return z.NEVER;
  });

/** A member that is in the way, with the sentence that says what to do instead. */
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
