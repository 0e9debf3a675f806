/** Whether a rollout has the steps that bring the first deployment. */
import type { Step } from '../step.js';

/** Nothing is live yet, or this rollout made what is. */
export const settingUp: NonNullable<Step['shown']> = ({ live, view }) =>
  live.length === 0 || view.createdBlue;
