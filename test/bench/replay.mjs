// Requests a second of a replay, beside a loop that only sends, at equal concurrency through the sandbox's
// proxy; alone as in `run`, and while the wizard draws its progress. autocannon knows no CONNECT proxy, so
// the loop is undici's own. And what the drawing does to the latency that a row is reported with.
import { resultOfProgram } from './runner.mjs';

export const title = 'replay';

export const measure = ({ quick }) => resultOfProgram('replay-rows.ts', quick ? '600' : '2000');
