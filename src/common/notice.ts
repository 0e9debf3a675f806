/** The member `notify` of a plan or a profile: who is told of a rollout while nobody looks; see docs/notifications.md. */
import * as z from 'zod';
import { argvRule } from './argv-rule.js';

/** What there is to tell. */
const NEWS = [
  'started',
  'approval',
  'gate-failed',
  'rolled-back',
  'promoted',
  'unwatched',
] as const;
export type News = (typeof NEWS)[number];

const WEBHOOK_FORMATS = ['json', 'teams', 'slack'] as const;

const seconds = 'use seconds from 1 to 60';
const timeoutSeconds = z.number(seconds).min(1, seconds).max(60, seconds).optional();
const variable = 'use the name of an environment variable that holds the address: it is a secret';
const oneTarget = 'name either a webhook or a command';

const webhook = z.strictObject({
  /** An address of a webhook is all that one needs to post, so neither a plan nor a profile holds it. */
  urlFrom: z.string(variable).regex(/^[A-Za-z_]\w{0,99}$/, variable),
  format: z.enum(WEBHOOK_FORMATS, 'use json, teams or slack').optional(),
  timeoutSeconds,
});

const command = z.strictObject({
  argv: argvRule,
  timeoutSeconds,
});

export type PlannedWebhook = z.output<typeof webhook>;
export type PlannedNotifyCommand = z.output<typeof command>;

export interface PlannedNotice {
  webhook?: PlannedWebhook | undefined;
  command?: PlannedNotifyCommand | undefined;
  /** All by default. */
  on?: News[] | undefined;
}

export const notices = z.array(
  z
    .strictObject({
      webhook: webhook.optional(),
      command: command.optional(),
      on: z
        .array(z.enum(NEWS, `use ${NEWS.join(', ')}`))
        .min(1, `use ${NEWS.join(', ')}`)
        .optional(),
    })
    .refine((each) => (each.webhook === undefined) !== (each.command === undefined), oneTarget),
  'use a list of webhooks and commands',
);

export const notifyMember = notices.optional();
