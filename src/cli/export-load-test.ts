/** `aml-rollout export ENDPOINT --load-test`: a load on green that one machine is too small for, as files. */
import { join, resolve } from 'node:path';
import { loadTestFiles } from '../interop/load-test.js';
import { busiestMinute, planLoad } from '../rollout/evidence/load-check.js';
import type { MoveContext } from '../rollout/moves/context.js';
import { contextFor } from '../rollout/moves/single-move.js';
import { factsOf } from '../rollout/moves/facts.js';
import { nameProblem } from '../rollout/names.js';
import { nextWeight } from '../rollout/moves/set-traffic.js';
import type { Run } from './command-run.js';
import type { WorkspaceFlags } from './connection-flags.js';
import { findTarget, openTarget } from './connect-profile.js';
import { CommandError } from './errors.js';
import { CODE } from './exit-codes.js';
import { openEngine } from './open-engine.js';
import { journalFolder, lookAt } from './open-rollout.js';
import { writeFiles } from './write-files.js';

interface LoadTestFlags extends WorkspaceFlags {
  dir?: string;
  stateDir?: string;
  /** Requests a minute to blue at its peak. */
  rate?: number;
  minutes?: number;
}

const MINUTES = 5;

export async function exportLoadTest(
  name: string,
  flags: LoadTestFlags,
  run: Run,
): Promise<number> {
  const { out, signal } = run;
  const problem = nameProblem('endpoint', name);
  if (problem !== undefined) throw new CommandError(problem);
  const note = (line: string): void => out.note(line);
  const opened = await openTarget(await findTarget(flags, note), { signal, note });
  let close = async (): Promise<void> => {};
  try {
    const { workspace } = opened;
    const journals = journalFolder(flags.stateDir);
    const { now, view, tagged } = await lookAt(workspace, name, journals, signal, note);
    if (!now.endpoint) throw new CommandError(`There is no endpoint ${name}.`);
    // Opening the journal of a rollout that never began would begin one.
    if (!view && !tagged) throw nothingBegun(name);
    const { engine, closeJournal } = await openEngine(workspace, name, {
      signal,
      note,
      journals,
    });
    close = closeJournal;
    await engine.observe(signal);
    const context = contextFor(engine, { plan: engine.view.choice.plan, note, signal });
    const { green, scoringUri, weight, peak, rows } = await found(context, flags);
    const { perMinute } = planLoad(peak, weight);
    const files = loadTestFiles({
      endpoint: name,
      scoringUri,
      green,
      weight,
      perMinute,
      minutes: flags.minutes ?? MINUTES,
      bodies: rows,
    });
    const id = engine.view.rolloutId ?? 'load';
    const dir = resolve(flags.dir ?? join('rollouts', `${name}-${id}`, 'load-test'));
    await writeFiles(files, dir, run);
    out.say(
      `${perMinute} requests a minute to ${green}: ${weight}% of ${peak} a minute, ${rows.length} rows in turn.`,
    );
    out.event({ event: 'result', code: CODE.done, dir, green, weight, perMinute });
    return CODE.done;
  } finally {
    await close();
    await opened.close();
  }
}

/** All that the files say. @throws CommandError that says what is missing */
async function found(context: MoveContext, { rate }: LoadTestFlags) {
  const { engine, plan, now, signal, clock } = context;
  const { endpointName } = now;
  const { blue, green, greenWeight, mostForGreen } = factsOf(context.situation());
  const { scoringUri } = context.endpoint;
  if (!green || !blue || scoringUri === undefined) throw nothingBegun(endpointName);
  const weight = nextWeight(plan, greenWeight, mostForGreen);
  if (weight === undefined) {
    throw new CommandError(
      `${green.name} already has all the traffic it can get, so there is no next weight to test.`,
    );
  }
  const { rate: planned } = plan.evidence?.loadCheck ?? {};
  const peak =
    rate ??
    planned ??
    (await busiestMinute(engine.workspace, context.endpoint, blue.name, clock.now(), signal));
  if (peak === 0) {
    throw new CommandError(
      `Azure Monitor has no request to ${blue.name} in the last hour. Add --rate with its peak requests per minute.`,
    );
  }
  const { rows } = await context.rows(context.evidence?.rows ?? 0, green.model).catch(readable);
  return { green: green.name, scoringUri, weight, peak, rows: rows.map(({ body }) => body) };
}

const nothingBegun = (name: string): CommandError =>
  new CommandError(
    `No rollout is under way on ${name}, so there is no green to load. Start it first: green gets 0% until it is proved.`,
  );

function readable(error: unknown): never {
  if (error instanceof Error && error.name === 'InputError') throw new CommandError(error.message);
  throw error;
}
