/** `aml-rollout rollback ENDPOINT`: back to the split before the rollout, from any machine. */
import { Option, type Command } from 'commander';
import { nameProblem } from '../rollout/names.js';
import type { RolloutEngine } from '../rollout/engine.js';
import type { RollbackPlan } from '../rollout/rollback.js';
import type { Snapshot } from '../rollout/snapshot.js';
import { runToExit, type Run } from './command-run.js';
import { workspaceOptions, type WorkspaceFlags } from './connection-flags.js';
import { CommandError } from './errors.js';
import { CODE } from './exit-codes.js';

interface RollbackFlags extends WorkspaceFlags {
  now?: true;
  scaleFirst?: true;
  yes?: true;
  json?: true;
}

const HELP = `
Reads the endpoint and its tags, shows the split to restore, asks once, writes once and verifies.
It needs only a sign-in, and no file of the machine that ran the rollout.

Exit codes
  0    rolled back, or the split is already the one before the rollout
  2    invalid command line, saved workspaces or endpoint name
  4    not rolled back: Azure refused, or blue is deleted or unknown
  6    someone else changed the endpoint; nothing more was sent
  7    sign-in, permission or quota
  70   internal error
  130  stopped, or answered no; Azure completes what it accepted`;

export function registerRollback(program: Command): void {
  workspaceOptions(
    program
      .command('rollback <endpoint>')
      .description('restore the split before the rollout; needs only a sign-in'),
  )
    .addOption(
      new Option('--now', 'switch immediately, even if blue was scaled down').conflicts(
        'scaleFirst',
      ),
    )
    .option('--scale-first', 'restore the size of blue first, if it was scaled down (default)')
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print JSON lines')
    .addHelpText('after', HELP)
    .action((endpoint: string, flags: RollbackFlags) =>
      runToExit({ json: flags.json ?? false, otherwise: CODE.notRolledBack }, (run) =>
        rollback(endpoint, flags, run),
      ),
    );
}

type Ready = Extract<RollbackPlan, { kind: 'ready' }>;

async function rollback(name: string, flags: RollbackFlags, run: Run): Promise<number> {
  const { out, signal } = run;
  const problem = nameProblem('endpoint', name);
  if (problem !== undefined) throw new CommandError(problem);
  const { findTarget, openTarget, touchProfile } = await import('./connect-profile.js');
  const note = (line: string): void => out.note(line);
  const target = await findTarget(flags, note);
  const opened = await openTarget(target, { signal, note });
  let close = async (): Promise<void> => {};
  try {
    const [{ openEngine }, { whenIdle }, { planRollback }] = await Promise.all([
      import('./open-engine.js'),
      import('../rollout/when-idle.js'),
      import('../rollout/rollback.js'),
    ]);
    const { engine, closeJournal } = await openEngine(opened.workspace, name, { signal, note });
    close = closeJournal;
    const onWait = (why: string): void => {
      out.say(why);
      out.event({ event: 'waiting', message: why });
    };
    const now = await whenIdle(engine, { signal, onWait });
    await touchProfile(target);
    const plan = planRollback(now, engine.view);
    if (plan.kind !== 'ready')
      return await refused(await withJournal(plan, now, engine, signal), now, target.words, run);

    const scaleFirst = flags.now ? undefined : plan.scaleFirst;
    const words = await say(plan, now, { name: target.name, prod: target.prod, scaleFirst }, run);
    const answer = flags.yes || (await confirmed(words, run));
    if (answer !== true) return answer;
    const { rollBackNow } = await import('./rollback-changes.js');
    return await rollBackNow(engine, plan, scaleFirst !== undefined, {
      ...run,
      onWait,
      notify: target.notify,
    });
  } finally {
    await close();
    await opened.close();
  }
}

/**
 * A rollback takes the tags off; where this machine did it, or was stopped while Azure did, the
 * journal knows that the traffic is where it was to go.
 */
async function withJournal(
  plan: Exclude<RollbackPlan, Ready>,
  now: Snapshot,
  engine: RolloutEngine,
  signal: AbortSignal,
): Promise<Exclude<RollbackPlan, Ready>> {
  if (plan.kind !== 'nothing' || plan.why !== 'no earlier split') return plan;
  const { formatSplit, sameSplit } = await import('../common/split.js');
  const { aborted } = await engine.settle(signal, { urgent: true });
  const traffic = now.endpoint?.traffic ?? {};
  if (!aborted || !sameSplit(aborted.restored, traffic)) return plan;
  const sentence = `Traffic is already ${formatSplit(traffic)}: the rollout was rolled back earlier.`;
  return { kind: 'nothing', why: 'already restored', sentence };
}

async function refused(
  plan: Exclude<RollbackPlan, Ready>,
  now: Snapshot,
  reach: string,
  { out }: Run,
): Promise<number> {
  const why = plan.kind === 'recreate' ? 'deleted' : plan.why;
  const code =
    why === 'already restored'
      ? CODE.done
      : why === 'no endpoint'
        ? CODE.usage
        : CODE.notRolledBack;
  if (code === CODE.done) out.say(plan.sentence);
  else if (!out.json) out.note(plan.sentence);
  let hints: string[] = [];
  if (plan.kind === 'recreate') {
    const { lostDefinitions } = await import('./lost-definitions.js');
    hints = lostDefinitions(now.workspace, now.endpointName, plan.missing, reach);
    if (!out.json) for (const hint of hints) out.note(hint);
  }
  out.event({
    event: 'result',
    code,
    outcome: why,
    message: [plan.sentence, ...hints].join(' '),
    endpoint: now.endpointName,
    ...(now.endpoint && { traffic: now.endpoint.traffic }),
    ...(plan.kind === 'recreate' && { missing: plan.missing }),
  });
  return code;
}

/** Says what is live and what would be restored; returns the question. */
async function say(
  plan: Ready,
  now: Snapshot,
  {
    name,
    prod,
    scaleFirst,
  }: { name: string; prod: boolean; scaleFirst: Ready['scaleFirst'] | undefined },
  { out }: Run,
): Promise<string> {
  const { formatSplit, liveNames, withoutZeros } = await import('../common/split.js');
  const { change, warning, rolloutId, owner } = plan;
  const restores = formatSplit(change.to);
  const mirrored = liveNames(now.endpoint?.mirrorTraffic ?? {});
  out.say(`Endpoint  ${change.endpoint} in ${name}${prod ? '  PROD' : ''}`);
  out.say(`Live now  ${formatSplit(change.from)}`);
  out.say(`Restores  ${restores}`);
  if (rolloutId !== undefined) {
    out.say(`Ends      rollout ${rolloutId}${owner === undefined ? '' : ` of ${owner}`}`);
  }
  if (warning !== undefined) {
    const does = scaleFirst
      ? `It scales to ${scaleFirst.to} first, in about 5 minutes; --now switches immediately.`
      : 'All traffic moves to it immediately.';
    out.say(`Warning   ${warning} ${does}`);
  }
  if (mirrored.length > 0) {
    out.say(`Note      mirrored traffic to ${mirrored.join(', ')} stays as it is.`);
  }
  out.event({
    event: 'plan',
    command: 'rollback',
    workspace: name,
    endpoint: change.endpoint,
    traffic: change.from,
    restores: withoutZeros(change.to),
    ...(rolloutId !== undefined && { rolloutId }),
    ...(owner !== undefined && { owner }),
    ...(warning !== undefined && { warning }),
    ...(scaleFirst && { scaleFirst: { deployment: scaleFirst.deployment, to: scaleFirst.to } }),
  });
  return scaleFirst
    ? `Scale ${scaleFirst.deployment} to ${scaleFirst.to}, then roll back to ${restores}?`
    : `Roll back to ${restores}?`;
}

/** `true`, or the code to end with. */
async function confirmed(question: string, { out, signal }: Run): Promise<true | number> {
  const { askYesNo, canAsk } = await import('./ask.js');
  if (!canAsk()) {
    const sentence =
      'No terminal to ask for confirmation: nothing was changed. Add --yes to confirm.';
    out.note(sentence);
    out.event({ event: 'result', code: CODE.usage, outcome: 'not confirmed', message: sentence });
    return CODE.usage;
  }
  const answer = await askYesNo(question, signal);
  if (answer) return true;
  out.note('Nothing was changed.');
  out.event({
    event: 'result',
    code: CODE.interrupted,
    outcome: 'not confirmed',
    message: 'Nothing was changed.',
  });
  return CODE.interrupted;
}
