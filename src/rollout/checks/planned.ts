/** The member `checks` of a plan; see docs/checks.md. */
import * as z from 'zod';
import { CHECK_TIMES, type CheckTime } from './check.js';
import { CHECK_KINDS, type CheckKindId, type CheckSettings } from './registry.js';

export interface PlannedCheck extends CheckSettings {
  name: string;
  mode?: 'enforce' | 'warn' | 'off' | undefined;
  /** `>= 12`; without it whatever does not fail passes. */
  pass?: string | undefined;
  /** `< 10`; without it whatever does not pass fails. */
  fail?: string | undefined;
  /** All times by default. */
  at?: CheckTime[] | undefined;
  /** What the limits apply to: each measurement by default, or the mean of all. */
  judge?: (typeof JUDGES)[number] | undefined;
  /** Failed measurements that are tolerated; 0 by default. */
  failureLimit?: number | undefined;
  intervalSeconds?: number | undefined;
  /** In a hold, seconds before the first measurement; 0 by default. */
  delaySeconds?: number | undefined;
  /** Measurements that a pass takes, and of a mean any verdict; 1 by default, 10 of a mean. */
  minimumSample?: number | undefined;
  /** What the number is compared with; limits are of the comparison then. */
  baseline?: Baseline | undefined;
}

export interface Baseline {
  of: (typeof BASELINES)[number];
  /** The difference by default. */
  compare?: (typeof COMPARISONS)[number] | undefined;
}

export const INTERVAL_SECONDS = 30;
/** Student's t of three values is nearly anything. */
const LEAST_OF_MEAN = 5;

const JUDGES = ['each', 'mean'] as const;
const BASELINES = ['blue', 'hour-before'] as const;
const COMPARISONS = ['difference', 'ratio'] as const;

const CONDITION = /^\s*(<=|>=|<|>|==|!=)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i;

const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/** Whether the value meets a condition such as `< 10`. */
export function meets(value: number, condition: string): boolean {
  const [, sign = '', limit = ''] = CONDITION.exec(condition) ?? [];
  return COMPARE[sign]?.(value, Number(limit)) ?? false;
}

/** On which side of which number the values lie that meet it. */
export function limitOf(condition: string): { below: boolean; limit: number } {
  const [, sign = '', limit = ''] = CONDITION.exec(condition) ?? [];
  return { below: sign.startsWith('<'), limit: Number(limit) };
}

const condition = z
  .string('use a condition, for example "< 10"')
  .regex(CONDITION, 'use a condition, for example "< 10" or ">= 0.99"')
  .optional();

const whole = (least: number, most: number) => {
  const words = `use a whole number from ${least} to ${most}`;
  return z.int(words).min(least, words).max(most, words).optional();
};

const baselineRule = z
  .strictObject({
    of: z.enum(BASELINES, 'use blue or hour-before'),
    compare: z.enum(COMPARISONS, 'use difference or ratio').optional(),
  })
  .optional();

/** Why this check can't have its baseline: both numbers would be the same one. */
function noBaseline(check: PlannedCheck): string | undefined {
  const { baseline } = check;
  const kind = kindOfCheck(check);
  if (!baseline || !kind) return undefined;
  if (check.command?.value === 'exitCode') return 'an exit code has no baseline';
  const text = JSON.stringify(check[kind.id]);
  if (baseline.of === 'blue' && !text.includes('${deployment}')) {
    return 'write ${deployment} where the check names green, to check blue too';
  }
  if (baseline.of === 'hour-before' && !kind.asksEarlier && !text.includes('${time}')) {
    return 'write ${time} where the check names the time, to check the hour before too';
  }
  return undefined;
}

/** Why the mean of this check would mean nothing, and the member that is to change. */
function noMean(check: PlannedCheck): { member: string; message: string } | undefined {
  const { judge, failureLimit, minimumSample, intervalSeconds = INTERVAL_SECONDS } = check;
  if (judge !== 'mean') return undefined;
  const { pass, fail } = limitsOf(check);
  if ([pass, fail].some((each) => each !== undefined && /[=!]=/.test(each.replace(/[<>]=/, '')))) {
    return { member: 'judge', message: 'a mean needs limits with <, <=, > or >=' };
  }
  if (check.command?.value === 'exitCode') {
    return { member: 'judge', message: 'an exit code has no mean' };
  }
  if (failureLimit !== undefined) {
    return { member: 'failureLimit', message: 'with judge: mean no single measurement fails' };
  }
  if (minimumSample !== undefined && minimumSample < LEAST_OF_MEAN) {
    return { member: 'minimumSample', message: `a mean needs at least ${LEAST_OF_MEAN}` };
  }
  const kind = kindOfCheck(check);
  // Each kind is handed its own settings, which the compiler can't follow through the list.
  const settings = kind && (check[kind.id] as never);
  const window = kind && 'looksBack' in kind ? (kind.looksBack?.(settings as never) ?? 0) : 0;
  return intervalSeconds >= window
    ? undefined
    : {
        member: 'intervalSeconds',
        message: `measurements that look back ${window} s would overlap: use at least ${window} for a mean`,
      };
}

const kindMembers = Object.fromEntries(
  CHECK_KINDS.map(({ id, schema }) => [id, schema.optional()]),
) as unknown as { [K in CheckKindId]: z.ZodType<CheckSettings[K]> };

const oneKind = `name one of ${CHECK_KINDS.map(({ id }) => id).join(', ')}`;

export const kindOfCheck = (check: PlannedCheck): (typeof CHECK_KINDS)[number] | undefined =>
  CHECK_KINDS.find(({ id }) => check[id] !== undefined);

/** An exit code passes where it is 0. */
export const limitsOf = (
  check: PlannedCheck,
): { pass?: string | undefined; fail?: string | undefined } =>
  check.pass === undefined && check.fail === undefined && check.command?.value === 'exitCode'
    ? { pass: '== 0' }
    : { pass: check.pass, fail: check.fail };

export const checksMember = z
  .array(
    z
      .strictObject({
        name: z.string().regex(/^\w[\w .-]{0,39}$/, 'use up to 40 letters, digits, blanks, . _ -'),
        mode: z.enum(['enforce', 'warn', 'off'], 'use enforce, warn or off').optional(),
        pass: condition,
        fail: condition,
        at: z
          .array(z.enum(CHECK_TIMES, 'use before, hold or retire'))
          .min(1, 'use before, hold or retire')
          .optional(),
        failureLimit: whole(0, 100),
        intervalSeconds: whole(1, 3600),
        delaySeconds: whole(0, 3600),
        minimumSample: whole(1, 1000),
        judge: z.enum(JUDGES, 'use each or mean').optional(),
        baseline: baselineRule,
        ...kindMembers,
      })
      .superRefine((check, context) => {
        const kinds = CHECK_KINDS.filter(({ id }) => check[id] !== undefined);
        if (kinds.length !== 1) context.addIssue({ code: 'custom', message: oneKind });
        const { pass, fail } = limitsOf(check);
        if (pass === undefined && fail === undefined) {
          const message = 'give pass or fail, for example pass: ">= 0.99"';
          context.addIssue({ code: 'custom', message });
        }
        const mean = noMean(check);
        if (mean !== undefined) {
          context.addIssue({ code: 'custom', message: mean.message, path: [mean.member] });
        }
        const same = noBaseline(check);
        if (same !== undefined) {
          context.addIssue({ code: 'custom', message: same, path: ['baseline'] });
        }
      }),
  )
  .superRefine((checks, context) => {
    const names = checks.map(({ name }) => name.toLowerCase());
    const seen = new Set<string>();
    const twice = names.findIndex((name) => seen.size === seen.add(name).size);
    if (twice < 0) return;
    const message = 'two checks have this name';
    context.addIssue({ code: 'custom', message, path: [twice, 'name'] });
  })
  .optional();
