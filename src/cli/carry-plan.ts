/** A plan from its file to its exit code. */
import { registryModel } from '../common/model-ref.js';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { connectionWords, ownCommand } from '../interop/own-command.js';
import type { Loss } from '../rollout/inherit.js';
import { bakeMinutes } from '../rollout/plan/proof.js';
import { carryOut } from '../rollout/moves/carry-out.js';
import type { Outcome } from '../rollout/moves/events.js';
import { Notifier } from '../rollout/notify/notifier.js';
import { systemClock } from '../common/clock.js';
import { formatSplit, shareOf } from '../common/split.js';
import { decodeTags } from '../rollout/tags.js';
import { LATEST, type Plan, type PlannedModel } from '../rollout/plan.js';
import { askYesNo, canAsk } from './ask.js';
import type { Run } from './command-run.js';
import { tellEvent } from './event-words.js';
import { findTarget, openTarget, touchProfile, type Target } from './connect-profile.js';
import { CommandError } from './errors.js';
import { CODE } from './exit-codes.js';
import {
  journalFolder,
  lookAt,
  openRollout,
  writeReport,
  type FoundRollout,
} from './open-rollout.js';
import { checkFiles, readPlan, type PlanAndFolder } from './plan-argument.js';
import type { RunFlags } from './run.js';
import { stateWords, tellOutcome } from './run-outcome.js';

/** @param after the plans that follow this one, as words of a command line */
export async function carryPlan(
  how: 'run' | 'resume',
  argument: string | undefined,
  flags: RunFlags,
  sandboxArgs: readonly string[],
  run: Run,
  after: readonly string[] = [],
): Promise<number> {
  const { out, signal } = run;
  const planned = await readPlan(argument, flags);
  await checkFiles(planned);
  const { plan, folder, words } = planned;
  const note = (line: string): void => out.note(line);
  for (const line of planned.notes) note(line);
  const target = await findTarget(flags, note);
  const opened = await openTarget(target, { signal, note, sandboxArgs });
  try {
    const { workspace } = opened;
    const { name } = plan.endpoint;
    const found = await lookAt(workspace, name, journalFolder(flags.stateDir), signal);
    await touchProfile(target);
    mayGoOn(how, found, name, words, [target.words, ...stateWords(flags)].join(' '));
    const over = isOver(plan, found);
    tellPlan(how, planned, found, target, run);
    if (how === 'run' && !over && flags.yes !== true) {
      const answer = await mayStart(run);
      if (answer !== true) return answer;
    }
    const rollout = await openRollout(workspace, name, found, {
      ...(flags.stateDir !== undefined && { stateDir: flags.stateDir }),
      fresh: how === 'run',
      keep: !over,
      reach: target.sandbox ? target.words : connectionWords(workspace.connection),
      signal,
    });
    const { engine } = rollout;
    const tell = (message: string): void => tellEvent(out, { event: 'note', message });
    const notifier = new Notifier({ engine, folder, tell, byDefault: target.notify });
    notifier.use(plan);
    const told = (outcome: Outcome, report?: string): number => {
      const { snapshot: now, view } = engine;
      return tellOutcome(outcome, { plan, words, after, now, view, report, target, flags }, run);
    };
    run.lastLines = () => void told({ kind: 'interrupted', lines: ['Stopped.'] });
    try {
      const outcome = await carryOut({
        engine,
        plan,
        folder,
        clock: systemClock,
        signal,
        emit: (event) => tellEvent(out, event),
        approve: (share, losses) => {
          if (flags.approve !== share) notifier.approval(share);
          return approved(share, losses, flags, signal);
        },
        ...(argument !== undefined && { planFile: await fileOf(argument) }),
        ...(flags.override !== undefined && { override: flags.override }),
        ...(flags.adopt && { adopt: true }),
        ...(flags.replaceGreen && { replaceGreen: true }),
        lagMs: opened.lagMs,
        bakeMinutes: bakeMinutes(plan, target.sandbox),
        // What is in the way is said once, by the last attempt.
        writeReport: () => writeReport(rollout).catch(() => ''),
      });
      out.endGroup();
      const report = over ? undefined : await reported(rollout, run);
      await notifier.close();
      return told(outcome, report);
    } finally {
      run.lastLines = undefined;
      rollout.close();
    }
  } finally {
    await opened.close();
  }
}

/** The plan's file, so that a report says which plan it was. */
async function fileOf(path: string): Promise<{ name: string; sha256: string }> {
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return { name: basename(path), sha256 };
}

/** Nobody's rollout is resumed by mistake. */
function mayGoOn(
  how: 'run' | 'resume',
  { view, tagged }: FoundRollout,
  name: string,
  plan: string,
  reach: string,
): void {
  if (how === 'run' && tagged && tagged.rolloutId !== view?.rolloutId) {
    throw new CommandError(
      `Rollout ${tagged.rolloutId} of ${tagged.owner} is under way on ${name}.\nResume it: ${ownCommand('resume', plan, reach)}\nEnd it:    ${ownCommand('abort', name, reach)}`,
      CODE.drift,
    );
  }
  if (how === 'resume' && !tagged && !view) {
    throw new CommandError(
      `No rollout is under way on ${name}, by the endpoint's tags and the journals here. To begin: ${ownCommand('run', plan, reach)}`,
    );
  }
}

/** Green has it all and the rollout is closed: nothing is left that wants a yes. */
function isOver({ blue, green }: Plan, { now, view }: FoundRollout): boolean {
  const { endpoint } = now;
  if (!endpoint || (view && !view.completed)) return false;
  const closed = decodeTags(endpoint.tags).rolloutId === undefined;
  const blueShare = blue === undefined ? 0 : shareOf(endpoint.traffic, blue.name);
  const alone = blue !== undefined || Object.values(endpoint.traffic).every((s) => s % 100 === 0);
  return closed && alone && blueShare === 0 && shareOf(endpoint.traffic, green.name) > 0;
}

function tellPlan(
  command: 'run' | 'resume',
  { plan, path }: PlanAndFolder,
  { now, tagged }: FoundRollout,
  target: Target,
  { out }: Run,
): void {
  const { endpoint, green, blue, weights, retire } = plan;
  const traffic = now.endpoint?.traffic;
  out.say(`Plan      ${path}`);
  out.say(`Endpoint  ${endpoint.name} in ${target.name}${target.prod ? '  PROD' : ''}`);
  out.say(`Live now  ${traffic === undefined ? 'no such endpoint yet' : formatSplit(traffic)}`);
  if (blue) out.say(`BLUE      ${blue.name}, ${modelWords(blue.model)}`);
  out.say(`GREEN     ${green.name}, ${modelWords(green.model)}`);
  out.say(`Steps     ${weights.join(', ')}%, then ${retireWords(retire)}`);
  if (tagged) out.say(`Rollout   ${tagged.rolloutId} of ${tagged.owner}, under way`);
  out.event({
    event: 'plan',
    command,
    path,
    workspace: target.name,
    endpoint: endpoint.name,
    ...(traffic && { traffic }),
    ...(tagged && { rolloutId: tagged.rolloutId, owner: tagged.owner }),
    ...(blue && { blue: blue.name }),
    green: green.name,
    weights,
  });
}

/** `heart-classifier version 2 from models/v2`. */
function modelWords({ name, version, path, uri }: PlannedModel): string {
  if (version === LATEST) return `${name}, the version registered last`;
  const registry = uri === undefined ? undefined : registryModel(uri)?.registry;
  const from = registry === undefined ? (path ?? uri) : `registry ${registry}`;
  const numbered = version === undefined ? name : `${name} version ${version}`;
  return from === undefined ? numbered : `${numbered} from ${from}`;
}

const retireWords = (retire: Plan['retire']): string =>
  typeof retire === 'object'
    ? `${retire.delete} is deleted`
    : retire === 'keep'
      ? 'blue is kept'
      : 'blue is scaled to one instance';

/** `true`, or the code to end with. */
async function mayStart({ out, signal }: Run): Promise<true | number> {
  const answer = canAsk() ? await askYesNo('Run this plan?', signal) : undefined;
  if (answer === true) return true;
  const asked = canAsk();
  const message = asked
    ? 'Nothing was changed.'
    : 'No terminal to ask for confirmation: nothing was changed. Add --yes to run the plan.';
  const code = asked ? CODE.interrupted : CODE.approval;
  out.note(message);
  out.event({ event: 'result', code, outcome: 'not confirmed', message });
  return code;
}

async function approved(
  share: number,
  losses: readonly Loss[],
  { approve }: RunFlags,
  signal: AbortSignal,
): Promise<boolean> {
  if (approve === share) return true;
  const question =
    losses.length > 0 ? 'Create green without them?' : `Approve more traffic than ${share}%?`;
  return canAsk() && (await askYesNo(question, signal)) === true;
}

/** A report that can't be written is no reason to end otherwise. */
async function reported(
  rollout: Parameters<typeof writeReport>[0],
  { out }: Run,
): Promise<string | undefined> {
  if (rollout.engine.view.changes.length === 0 || !rollout.engine.snapshot) return undefined;
  try {
    return await writeReport(rollout);
  } catch (error) {
    out.note(
      `The report can't be written: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}
