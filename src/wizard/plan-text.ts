/** Parts of a plan as a person types them on one line, in the words of a plan file. */
import { sameName } from '../common/same-name.js';
import { SHARE_MEMBERS, type Gates } from '../rollout/evidence/gates/settings.js';
import type { PlannedCheck } from '../rollout/checks/planned.js';
import type { GateChanges, Hold, StepChange } from '../rollout/plan/proof.js';
import type { GateName } from '../rollout/evidence/gates/registry.js';

type CheckLimits = Pick<PlannedCheck, 'mode' | 'pass' | 'fail'>;

export type Typed = Record<string, unknown>;

export const MODES = ['enforce', 'warn', 'off'] as const;

const words = (text: string): string[] => text.split(/[\s,:=]+/).filter(Boolean);

const percent = (share: number): string => `${Number((share * 100).toPrecision(6))}%`;

/** `5 min, 50 requests, approval`; `none` where nothing is waited for. */
export function holdWords(hold: Partial<Hold>): string {
  const { minutes = 0, requests = 0, approval } = hold;
  const said = [
    ...(minutes > 0 ? [`${minutes} min`] : []),
    ...(requests > 0 ? [`${requests} requests`] : []),
    ...(approval ? ['approval'] : []),
  ];
  return said.length === 0 ? 'none' : said.join(', ');
}

/** The sentence says what is wrong. What is not said is 0, or no. */
export function readHold(text: string): Hold | string {
  const hold: Hold = { minutes: 0, requests: 0, approval: false };
  let amount: number | undefined;
  for (const word of text.toLowerCase().match(/\d+(?:\.\d+)?|[a-z]+/g) ?? []) {
    if (/^\d/.test(word)) {
      if (amount !== undefined) return `Add the unit of ${amount}: min or requests.`;
      amount = Number(word);
    } else if (/^(m|min|minutes?|r|req|requests?)$/.test(word)) {
      if (amount === undefined)
        return `Enter the number of ${word}, for example 5 min, 50 requests.`;
      if (word.startsWith('m')) hold.minutes = amount;
      else hold.requests = amount;
      amount = undefined;
    } else if (/^(approval|yes)$/.test(word)) hold.approval = true;
    else if (word !== 'none') return `Write 5 min, 50 requests, approval; or none.`;
  }
  return amount === undefined ? hold : `Add the unit of ${amount}: min or requests.`;
}

/** `enforce margin 1%`. Members of members stay as they are, and are not shown. */
export function gateWords({ mode, ...limits }: Gates[GateName]): string {
  const shown = Object.entries(limits as Record<string, unknown>)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) =>
      SHARE_MEMBERS.has(name) && typeof value === 'number'
        ? `${name} ${percent(value)}`
        : `${name} ${String(value)}`,
    );
  return [mode, ...shown].join(' ');
}

/** As the rules of a plan file want it, unchecked but for its form. */
export function readGate(text: string): Typed | string {
  const [first = '', ...rest] = words(text);
  const named = (MODES as readonly string[]).includes(first);
  const pairs = named ? rest : [first, ...rest].filter(Boolean);
  const gate: Typed = named ? { mode: first } : {};
  for (let at = 0; at < pairs.length; at += 2) {
    const [name = '', value] = [pairs[at], pairs[at + 1]];
    if (value === undefined) {
      return /^\d/.test(name)
        ? `Gate "${name}" needs a limit, for example: enforce margin 1%.`
        : `Gate "${name}" needs a mode: enforce, warn or off.`;
    }
    gate[name] = /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  }
  return gate;
}

/** `enforce pass >= 12, fail < 10`. */
export function checkWords({ mode = 'enforce', pass, fail }: CheckLimits): string {
  const limits = [
    ...(pass === undefined ? [] : [`pass ${pass}`]),
    ...(fail === undefined ? [] : [`fail ${fail}`]),
  ];
  return [mode, limits.join(', ')].filter(Boolean).join(' ');
}

/** Conditions are kept as typed: the rules of a plan file check them. */
export function readCheck(text: string): CheckLimits | string {
  const [, first = '', rest = ''] = /^\s*(\w*)(.*)$/s.exec(text) ?? [];
  const mode = MODES.find((each) => each === first);
  if (mode === undefined) return 'Write enforce, warn or off, then limits: pass >= 12, fail < 10.';
  const limits: CheckLimits = { mode };
  for (const part of rest.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const [, name, condition = ''] = /^(pass|fail)\s*(.*)$/s.exec(part) ?? [];
    if (name !== 'pass' && name !== 'fail') return `Write pass or fail before "${part}".`;
    limits[name] = condition;
  }
  return limits;
}

/** `30 min, approval; labels off`: what differs at one share. */
export function stepWords(step: StepChange | undefined, names: readonly GateName[]): string {
  const { holds, gates } = step ?? {};
  return [
    ...(holds ? [holdWords(holds)] : []),
    ...names.flatMap((name) => {
      const change = gates?.[name];
      if (!change) return [];
      const { mode, ...limits } = change as Partial<Gates[GateName]>;
      const said = gateWords({ mode: mode ?? 'enforce', ...limits });
      return [`${name} ${mode === undefined ? said.replace(/^enforce ?/, '') : said}`];
    }),
  ].join('; ');
}

/** `undefined`: nothing differs there. */
export function readStep(
  at: number,
  text: string,
  names: readonly GateName[],
): { at: number; holds?: Hold; gates?: GateChanges } | string | undefined {
  let holds: Hold | undefined;
  const gates: Typed = {};
  for (const part of text
    .split(';')
    .map((each) => each.trim())
    .filter(Boolean)) {
    const [first = ''] = words(part);
    const name = names.find((each) => sameName(each, first));
    const read = name === undefined ? readHold(part) : readGate(part.slice(first.length));
    if (typeof read === 'string') return read;
    if (name === undefined) holds = read as Hold;
    else gates[name] = read;
  }
  const any = Object.keys(gates).length > 0;
  if (!holds && !any) return undefined;
  return { at, ...(holds && { holds }), ...(any && { gates: gates }) };
}
