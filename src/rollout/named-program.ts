/** Programs that a plan names, for a check or a notification: what fills in their arguments, and why one failed. */
import { hideSecrets } from '../common/hide-secrets.js';
import { HIDDEN, isSecretName } from '../common/secret-names.js';
import type { ProgramEnd } from '../common/run-program.js';
import { sanitizeLine, sanitizeText } from '../common/sanitize.js';

/** What text of a plan may name as `${green}`. */
export interface RolloutNames {
  endpoint: string;
  blue: string;
  green: string;
  weight: string;
  /** Green; blue where that is the baseline of a check. */
  deployment: string;
  /** The moment asked about, in ISO 8601. */
  time: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Its message is one sentence, and holds no value. */
export class VariableMissing extends Error {
  override readonly name = 'VariableMissing';
}

const NAME = /\$\{(endpoint|blue|green|weight|deployment|time)\}/g;
const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g;

/** Names of the rollout in text of the plan; `encode` keeps them inside their place. */
export const withNames = (
  text: string,
  names: RolloutNames,
  encode = (value: string): string => value,
): string => text.replace(NAME, (_, name: keyof RolloutNames) => encode(names[name]));

/** Run after the names of the rollout are put in. @throws VariableMissing where one is not set */
export const withVariables = (
  text: string,
  variables: Variables,
  encode = (value: string): string => value,
): string =>
  text.replace(VARIABLE, (_, name: string) => {
    const known = variables[name];
    if (known === undefined || known === '') {
      throw new VariableMissing(`The environment variable ${name} is not set.`);
    }
    return encode(known);
  });

/** The program is named as it is, and its arguments may name what is rolled out, and variables. */
export const filledIn = (
  argv: readonly string[],
  names: RolloutNames,
  variables: Variables,
): string[] =>
  argv.map((each, index) =>
    index === 0 ? each : withVariables(withNames(each, names), variables),
  );

/** Why a program gave no answer, as a sentence; `undefined`: it ended well. */
export function endProblem(
  end: ProgramEnd,
  program: string,
  { seconds, mostMegabytes }: { seconds: number; mostMegabytes: number },
): string | undefined {
  switch (end.how) {
    case 'ended': {
      if (end.code === 0) return undefined;
      const [last = ''] = end.stderr.trim().split('\n').slice(-1);
      return `${program} ended with code ${end.code}.${last === '' ? '' : ` ${last}`}`;
    }
    case 'missing':
      return `${program} can't be started (${end.code}).`;
    case 'killed':
      return `${program} was ended by ${end.by}.`;
    case 'long':
      return `${program} printed more than ${mostMegabytes} MB.`;
    case 'late':
      return `${program} did not end within ${seconds} s.`;
    case 'aborted':
      return `${program} did not end before this program did.`;
  }
}

const LONGEST = 400;

/** Of the machine, and in the way of every path and sentence. */
const OF_THE_MACHINE =
  /^(?:_|CI|COLORTERM|DISPLAY|EDITOR|HOME|HOSTNAME|LANG|LANGUAGE|LC_\w+|LOGNAME|OLDPWD|OS|PAGER|PATH|PATHEXT|PWD|SHELL|SHLVL|SYSTEMROOT|TE?MP|TERM|TMPDIR|TZ|USER|USERNAME|USERPROFILE|WINDIR|XDG_\w+)$/i;

/**
 * What a program or a server says may repeat a secret, and a program reads variables that no plan names.
 * @param settings what the plan itself holds hides nothing, but where it names a variable
 */
export function withoutValues(text: string, settings: unknown, variables: Variables): string {
  const written = JSON.stringify(settings);
  const named = new Set(written.match(/(?<=\$\{?)[A-Za-z_]\w*/g));
  const values = Object.entries(variables).flatMap(([name, value = '']) => {
    if (OF_THE_MACHINE.test(name)) return [];
    const secret = isSecretName(name) || named.has(name);
    // Of a value of several lines, a program's last line may be the last one alone.
    const parts = [value, ...value.split(/[\r\n]+/)].map((part) => part.trim());
    return parts.filter(
      (part) => sanitizeText(part).length > 3 && (secret || !written.includes(part)),
    );
  });
  const all = new Set(
    values.flatMap((value) => [sanitizeText(value), encodeURIComponent(value), inJson(value)]),
  );
  const hidden = [...all]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, value) => rest.replaceAll(value, HIDDEN), sanitizeText(text));
  return sanitizeLine(hideSecrets(hidden)).slice(0, LONGEST);
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
