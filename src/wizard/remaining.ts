/** How long the work under way will go on, in words; Azure has no cancel. */
import type { Task } from './state.js';

/** Recorded from the service: a traffic update took about 20 s. */
const USUAL_SECONDS = 20;

/** `about 8 min`, `about 20 s`, `a moment`: what is left of what it usually takes on Azure. */
export function remaining(task: Task, now: number, sandbox: boolean): string {
  if (sandbox) return 'a few seconds';
  const left = (task.usualSeconds ?? USUAL_SECONDS) - (now - task.startedAt) / 1000;
  if (left >= 90) return `about ${Math.round(left / 60)} min`;
  return left >= 5 ? `about ${Math.ceil(left / 5) * 5} s` : 'longer than usual already';
}
