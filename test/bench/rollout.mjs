// How long a whole rollout takes, beside the time that the service's own operations take.
import { resultOfProgram } from './runner.mjs';

export const title = 'rollout';

export const measure = ({ quick }) => resultOfProgram('rollout-rows.ts', quick ? '1' : '3');
