/** How a rollout ended at a face, read from outside: the disk, the sandbox, the report. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Face, FaceName, Meaning } from './face.js';
import { BLUE, GREEN, type Stage } from './world.js';

export interface Outcome {
  face: FaceName;
  meaning: Meaning;
  /** `split at 10: stop (split fail)`; gates that depend on how busy this machine is are left out. */
  judgements: string[];
  split: Record<string, number> | 'no endpoint';
  deployments: string[];
  /** Of green's model. */
  versions: string[];
  requests: { blue: number; green: number };
  /** Of report.json; `none` where no report can be written. */
  report: string;
  /** The whole of it, as JSON. */
  reported: Record<string, unknown>;
  says: string;
}

const TIMED = new Set(['latency', 'latencyP95', 'liveLatency', 'capacity', 'liveCapacity']);

export async function outcomeOf(stage: Stage, face: Face, meaning: Meaning): Promise<Outcome> {
  const [split, deployments, versions, requests] = [
    await stage.split(),
    await stage.deployments(),
    await stage.versions(),
    await stage.requests(),
  ];
  const reported = (await reportOf(stage)) ?? {};
  return {
    face: face.name,
    meaning,
    judgements: judgementsOf(stage),
    split: split ?? 'no endpoint',
    deployments,
    versions,
    requests: { blue: requests[BLUE] ?? 0, green: requests[GREEN] ?? 0 },
    report: typeof reported['outcome'] === 'string' ? reported['outcome'] : 'none',
    reported,
    says: face.says(),
  };
}

/** Each once, in order: a face may look at the same evidence twice. */
function judgementsOf(stage: Stage): string[] {
  const told = stage.judged().map(({ stage: of, weight, decision, verdicts, override }) => {
    const gates = verdicts
      .filter(({ gate, mode }) => mode === 'enforce' && !TIMED.has(gate))
      .map(({ gate, verdict }) => `${gate} ${verdict}`)
      .sort();
    const gone = override === undefined ? '' : ', overridden';
    return `${of} at ${weight}: ${decision} (${gates.join(', ')})${gone}`;
  });
  return told.filter((each, at) => each !== told[at - 1]);
}

/** The face's own report; what `export` writes where it wrote none, or more has happened since. */
async function reportOf(stage: Stage): Promise<Record<string, unknown> | undefined> {
  const last = stage.journal().findLast(({ event }) => event !== 'completed');
  if (!last) return undefined;
  const own = newestReport(stage.home);
  if (own && String(own['reportedAt']) >= last.at) return own;
  await stage.program('export', stage.endpoint, '--live');
  return newestReport(stage.home);
}

function newestReport(home: string): Record<string, unknown> | undefined {
  const folder = join(home, 'rollouts');
  if (!existsSync(folder)) return undefined;
  const [newest] = readdirSync(folder)
    .map((name) => join(folder, name, 'report.json'))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return newest === undefined
    ? undefined
    : (JSON.parse(readFileSync(newest, 'utf8')) as Record<string, unknown>);
}
