/** What a script does, in the order it was done, and what it finds done when it is run again. */
import { NEXT_VERSION, type Change, type RegisterModel } from '../rollout/changes/change.js';
import { kindOf } from '../rollout/changes/kinds.js';
import { withoutZeros, type Split } from '../common/split.js';
import type { Code } from './languages/language.js';

/** One step: a change, and the model whose next version is registered along with it. */
export interface ScriptStep {
  change: Change;
  model?: RegisterModel;
}

interface ScriptSteps {
  endpoint: string;
  /** Up to the last write of traffic. */
  rollout: ScriptStep[];
  /** What follows it: sizes and deletions. */
  after: ScriptStep[];
  /**
   * What is there once `rollout` is done, so that a second run does not walk the traffic through
   * all its steps again. Absent where it moves none.
   */
  done?: { split: Split; deployments: string[] };
}

export function scriptSteps(changes: readonly Change[]): ScriptSteps {
  const steps: ScriptStep[] = [];
  let pending: RegisterModel | undefined;
  for (const change of changes) {
    if (change.kind === 'registerModel' && change.version === NEXT_VERSION) {
      if (pending) steps.push({ change: pending });
      pending = change;
    } else if (change.kind !== 'setTraffic' || change.why !== 'close') {
      const takes = change.kind === 'createDeployment' && pending !== undefined;
      steps.push({ change, ...(takes && pending && { model: pending }) });
      if (takes) pending = undefined;
    }
  }
  if (pending) steps.push({ change: pending });
  const last = steps.findLastIndex(({ change }) => change.kind === 'setTraffic');
  const rollout = steps.slice(0, last + 1);
  const after = steps.slice(last + 1);
  const traffic = steps[last]?.change;
  const endpoint = changes.flatMap((each) => ('endpoint' in each ? [each.endpoint] : []))[0] ?? '';
  return {
    endpoint,
    rollout,
    after,
    ...(traffic?.kind === 'setTraffic' && {
      done: { split: withoutZeros(traffic.to), deployments: standing(rollout, after) },
    }),
  };
}

/** Deployments that the rollout makes and nothing takes away again. */
function standing(rollout: readonly ScriptStep[], after: readonly ScriptStep[]): string[] {
  const names = new Set<string>();
  for (const { change } of [...rollout, ...after]) {
    if (change.kind === 'createDeployment') names.add(change.deployment);
    if (change.kind === 'deleteDeployment') names.delete(change.deployment);
    if (change.kind === 'deleteEndpoint') names.clear();
  }
  return [...names];
}

/** A comment of one line that shows as it reads, whatever the text holds. */
export const comment = (text: string): string =>
  `# ${text.replaceAll(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ').trim()}`;

/** A branch's lines; `nothing` makes one of comments alone complete. */
export const orNothing = (lines: readonly string[], nothing: string): string[] =>
  lines.every((line) => /^\s*(?:#|$)/.test(line)) ? [...lines, nothing] : [...lines];

/** A step's lines under its title; `wrap` adds what asks whether it was done already. */
export function stepLines(
  { change }: ScriptStep,
  code: Code,
  wrap: (change: Change, lines: string[]) => string[],
): string[] {
  const title = kindOf(change).title(change);
  if ('notExpressible' in code) {
    return ['', comment(`Left out: ${title}. ${code.notExpressible}`)];
  }
  return code.lines.length === 0 ? [] : ['', comment(title), ...wrap(change, code.lines)];
}

export const indented = (lines: readonly string[], by: string): string[] =>
  lines.map((line) => (line === '' ? '' : `${by}${line}`));
