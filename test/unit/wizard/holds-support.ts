/** A rollout that holds at a weight, and keys pressed in it. */
import type { Judgement } from '../../../src/rollout/journal/entry.js';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import type { ProofPlan } from '../../../src/rollout/plan/proof.js';
import type { Command } from '../../../src/wizard/effects/index.js';
import type { WizardEvent } from '../../../src/wizard/events.js';
import { reduce } from '../../../src/wizard/reducer.js';
import type { State } from '../../../src/wizard/state.js';
import { answered, nameOf } from '../../support/wizard-world.js';
import { done, NOW, onScreen, PROD, rollout } from '../../support/wizard-states.js';
import type { Live } from '../../../src/rollout/moves/watch-live.js';

export const GREEN = 'xgboost-model-2';
export const key = (name: string): WizardEvent => ({
  type: 'key',
  key: { name, ...(name.length === 1 && { text: name }) },
});
interface Walked {
  state: State;
  asked: Command[];
}
export function press(state: State, ...names: string[]): Walked {
  const asked: Command[] = [];
  let now = state;
  for (const name of names) {
    const { state: after, issued } = reduce(now, key(name));
    now = after;
    asked.push(...issued.map(({ command }) => command));
  }
  return { state: now, asked };
}
export const type = (state: State, text: string): Walked => press(state, ...text);
export const names = ({ asked }: Walked): string[] => asked.map(nameOf);
/** Answers the command as the world would. */
export function answer({ state, asked }: Walked): Walked {
  const command = asked.at(-1)!;
  const event = answered(state.runs[command.do]!, command, state);
  const { state: after, issued } = reduce(state, event);
  return { state: after, asked: issued.map((each) => each.command) };
}
export const moved = done(7, {
  kind: 'setTraffic',
  endpoint: 'heart',
  from: { default: 100 },
  to: { default: 90, [GREEN]: 10 },
  why: 'advance',
});
/** Green at 10% under a plan, with what was watched so far. */
export function at10(plan: ProofPlan | undefined, live: Partial<Live> = {}, view = {}): State {
  const state = rollout(PROD, {
    share: 10,
    view: {
      choice: {
        newModel: { name: 'heart-classifier', version: '2' },
        csv: { path: '/samples/heart.csv', rows: 300, seed: 4711 },
        ...(plan && { plan }),
      },
      changes: [moved],
      ...view,
    },
  });
  const seen = { weight: 10, watchedMs: 0, lookedUntil: NOW, judgedUntil: NOW, requests: 0 };
  return onScreen(state, 'traffic', { live: { ...seen, openGaps: 0, verdicts: [], ...live } });
}
export const failing: Verdict = {
  gate: 'labels',
  mode: 'enforce',
  verdict: 'fail',
  blue: '',
  green: '30',
  difference: '10%',
  limit: '5%',
  why: '30 of 300 labels differ.',
};
export const judged = (verdict: Verdict): Judgement & { at: string; line: number } => ({
  at: '2026-03-01T11:30:00.000Z',
  line: 1,
  stage: 'prove',
  deployment: GREEN,
  weight: 0,
  verdicts: [verdict],
  decision: 'stop',
});
