/**
 * How long tests wait on this machine. Deadlines are written for the reference machine, on which
 * an empty Node.js start takes 40 ms, and are longer where programs run slower. The measurement is
 * taken once, when the run starts; worker processes inherit it.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';

const REFERENCE_START_MS = 40;
const VARIABLE = 'AMLR_TEST_PATIENCE';
/** The suite itself keeps a core busy for each of its workers. */
const OWN_LOAD = 2;
/** Beyond this a test hangs, whatever the machine. */
const MOST = 20;

function measure(): number {
  const starts = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    spawnSync(process.execPath, ['-e', '0'], { stdio: 'ignore' });
    return performance.now() - begun;
  }).sort((a, b) => a - b);
  const [fastest = 0, , median = 0] = starts;
  const load = Math.max(1, ((loadavg()[0] ?? 0) + OWN_LOAD) / availableParallelism());
  // The load of the last minute misses what has just begun, and one start may meet a quiet moment.
  const slower = Math.max(median, fastest * load) / REFERENCE_START_MS;
  return Math.min(MOST, Math.max(1, 1.5 * slower));
}

const factor = Number((process.env[VARIABLE] ??= measure().toFixed(1)));

/** A deadline in milliseconds of the reference machine, as milliseconds of this one. */
export const patience = (referenceMs: number): number => Math.round(referenceMs * factor);
