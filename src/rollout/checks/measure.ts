/** Reads a check, and says what its measurements so far amount to. */
import { HIDDEN, hideSecrets, isSecretName } from '../../common/hide-secrets.js';
import { sanitizeLine } from '../../common/sanitize.js';
import { hasFailure } from '../errors.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { Unreadable, type CheckAround } from './check.js';
import { limitsOf, kindOfCheck, meets, type PlannedCheck } from './planned.js';

export type Measurement =
  { outcome: 'pass' | 'fail' | 'inconclusive'; value: number } | { outcome: 'error'; why: string };

export const INTERVAL_SECONDS = 30;
const LONGEST_REASON = 400;
const LONGEST_MESSAGE = 220;

/** Rejects only where the signal ended it. */
export async function measure(check: PlannedCheck, around: CheckAround): Promise<Measurement> {
  const kind = kindOfCheck(check);
  try {
    // Each kind is handed its own settings, which the compiler can't follow through the list.
    const value = await kind!.read(check[kind!.id] as never, around);
    const { pass, fail } = limitsOf(check);
    if (fail !== undefined && meets(value, fail)) return { outcome: 'fail', value };
    if (pass === undefined || meets(value, pass)) return { outcome: 'pass', value };
    return { outcome: fail === undefined ? 'fail' : 'inconclusive', value };
  } catch (error) {
    around.signal.throwIfAborted();
    return { outcome: 'error', why: withoutValues(reasonOf(error), around.variables) };
  }
}

/** Azure's own words, with what to do. A fault of this program is thrown. */
function reasonOf(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  if (!hasFailure(error)) throw error;
  const { message, advice } = error.failure;
  // Ids of resources make some messages so long that nothing would be left of the advice.
  const said = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
  return `${/[.!?…]$/.test(said) ? said : `${said}.`} ${advice}`;
}

/** What a program or a server says may repeat a secret. */
function withoutValues(text: string, variables: CheckAround['variables']): string {
  const secret = Object.entries(variables).filter(
    ([name, value]) => value !== undefined && value.length > 3 && isSecretName(name),
  );
  const hidden = secret.reduce((rest, [, value]) => rest.replaceAll(value ?? '', HIDDEN), text);
  return sanitizeLine(hideSecrets(hidden)).slice(0, LONGEST_REASON);
}

const shown = (value: number): string => String(Number(value.toPrecision(6)));

export function checkVerdict(check: PlannedCheck, all: readonly Measurement[]): Verdict {
  const { name, mode = 'enforce', failureLimit = 0, minimumSample = 1 } = check;
  const { pass, fail } = limitsOf(check);
  const limit = [
    ...(pass === undefined ? [] : [`pass ${pass}`]),
    ...(fail === undefined ? [] : [`fail ${fail}`]),
  ].join(', ');
  const last = all.at(-1);
  const values = all.flatMap((each) => ('value' in each ? [each.value] : []));
  const failed = all.filter(({ outcome }) => outcome === 'fail');
  const of = `${values.length} measurement${values.length === 1 ? '' : 's'}`;
  const now = values.length === 0 ? '' : shown(values.at(-1) ?? 0);
  const say = (verdict: Verdict['verdict'], why: string): Verdict => ({
    gate: `check:${name}`,
    mode: mode === 'off' ? 'warn' : mode,
    verdict,
    blue: '',
    green: now,
    difference: '',
    limit,
    why,
  });
  if (failed.length > failureLimit) {
    const at = failed.flatMap((each) => ('value' in each ? [shown(each.value)] : []));
    return say(
      'fail',
      `Check ${name} failed in ${failed.length} of ${of}: ${at.slice(-3).join(', ')} (${limit}).`,
    );
  }
  if (last?.outcome === 'error') return say('error', `Check ${name} can't be read: ${last.why}`);
  if (values.length < minimumSample) {
    return say('inconclusive', `Check ${name} has ${of} of ${minimumSample}.`);
  }
  if (last?.outcome === 'inconclusive') {
    return say(
      'inconclusive',
      `Check ${name} is ${now}, which neither passes nor fails (${limit}).`,
    );
  }
  return say('pass', `Check ${name} is ${now} (${limit}).`);
}
