/** What is announced of a state outside the screen: where it is, how far, and whether it waits. */
import { activeStep, greenShare } from './navigation.js';
import type { State } from './state.js';
import { stepModule } from './steps/index.js';

/** Shorter work is waited for with the eyes on it. */
const LONG_MS = 10_000;

/** @param before the state that came before, to see that long work has ended */
export function announced(state: State, before: State) {
  const opened = state.session?.opened;
  const { title } = stepModule(activeStep(state));
  const weight = greenShare(opened);
  const where = opened ? `${opened.endpoint} ${title}${weight > 0 ? ` ${weight}%` : ''}` : title;
  const { count } = state.task ?? {};
  const ended = state.task === undefined ? before.task : undefined;
  const long = ended !== undefined && state.now - ended.startedAt >= LONG_MS;
  const failed = state.notice?.level === 'error' && state.notice !== before.notice;
  const drifted = opened?.drift !== undefined && before.session?.opened?.drift === undefined;
  return {
    title: `${where} - aml-rollout`,
    ...(count && count.total > 0 && { percent: (100 * count.done) / count.total }),
    attention: long || failed || drifted,
  };
}
