/** Checks that a journal's line is one that this program can follow, before anything trusts it. */
import * as z from 'zod';
import { sanitizeLine } from '../../common/sanitize.js';
import { KINDS } from '../changes/kinds.js';
import { member } from '../changes/members.js';
import { isFileNamePart } from '../names.js';
import type { JournalEntry } from './entry.js';
import { lineMember } from './line-members.js';

/** Raised when a line means something that an older program would misread. */
export const JOURNAL_FORMAT = 2;

const { hosted, split, text, texts } = member;
const { time, choice, testResult, judgement, differences, deleted } = lineMember;
const id = z.int();
/** It becomes part of a file's name. */
const rolloutId = text.refine(isFileNamePart, 'is not a name');
const failure = z.looseObject({ kind: text, message: text });
const [first, ...others] = Object.entries(KINDS).map(([kind, { members }]) =>
  z.looseObject({ kind: z.literal(kind), ...members }),
);
const change = z.discriminatedUnion('kind', [first!, ...others]);

const SCHEMAS: Record<JournalEntry['event'], z.ZodType> = {
  opened: z.looseObject({
    rolloutId,
    workspace: z.looseObject({
      subscriptionId: text,
      resourceGroup: text,
      workspaceName: text,
    }),
    endpoint: hosted,
    owner: text,
    version: text,
  }),
  choice: z.looseObject({ choice }),
  begun: z.looseObject({
    id,
    change,
    title: text,
    splitBefore: split.optional(),
    variables: texts.optional(),
    deleted: deleted.optional(),
  }),
  accepted: z.looseObject({ id, operation: text }),
  ended: z.discriminatedUnion('ok', [
    z.looseObject({
      id,
      ok: z.literal(true),
      seconds: z.number(),
      differences: differences.optional(),
    }),
    z.looseObject({ id, ok: z.literal(false), seconds: z.number(), failure }),
  ]),
  tested: z.looseObject({ result: testResult }),
  judged: z.looseObject(judgement),
  watched: z.looseObject({ weight: z.number(), until: time, judgedUntil: time }),
  probed: z.looseObject({ weight: z.number(), sent: z.number() }),
  adopted: z.looseObject({ traffic: split, drift: text }),
  aborted: z.looseObject({ restored: split }),
  completed: z.looseObject({ report: text }),
};

const line = z.looseObject({ at: time, seq: id, event: text, format: z.int().optional() });

/** What is wrong with a line, to follow "Line 3 of the journal x". */
export function entryProblem(value: unknown): string | undefined {
  const read = line.safeParse(value);
  if (!read.success) return "can't be read";
  const { event, format = JOURNAL_FORMAT } = read.data;
  if (format > JOURNAL_FORMAT) return `has format ${format}, which a newer aml-rollout wrote`;
  if (!Object.hasOwn(SCHEMAS, event)) return `is an unknown event, ${shown(event)}`;
  const checked = SCHEMAS[event as JournalEntry['event']].safeParse(value);
  if (checked.success) return undefined;
  const path = checked.error.issues[0]?.path.join('.') ?? '';
  const odd = (value as { change?: { kind?: unknown } }).change?.kind;
  return path === 'change.kind'
    ? `has an unknown kind of change, ${shown(odd)}`
    : `can't be read: ${event} has no valid ${sanitizeLine(path, LONGEST)}`;
}

const LONGEST = 80;

const shown = (odd: unknown): string => sanitizeLine(JSON.stringify(odd) ?? 'none', LONGEST);
