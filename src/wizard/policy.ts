/** Rule 1 of the wizard: Enter alone carries a rollout through on the sandbox, and nowhere else. */
import type { State } from './state.js';

/** On Azure nothing that costs money or touches traffic is staged before a person chose it. */
export function isGuarded(state: State): boolean {
  const profile = state.session?.profile;
  return !profile || !profile.sandbox || profile.prod;
}
