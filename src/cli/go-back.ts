/** `aml-rollout abort` and `undo`: the rollout under way goes back, all the way or one split. */
import type { Command } from 'commander';
import type { Split } from '../common/split.js';
import type { RolloutEngine } from '../rollout/engine.js';
import { runToExit, type Run } from './command-run.js';
import { workspaceOptions, type WorkspaceFlags } from './connection-flags.js';
import { CODE } from './exit-codes.js';

interface BackFlags extends WorkspaceFlags {
  stateDir?: string;
  yes?: true;
  deleteGreen?: true;
  json?: true;
}

const CODES = `
ENDPOINT is a name, or a plan file that names it.
Exit codes
  0    split restored, or there is nothing to restore
  2    invalid command line or endpoint name; --delete-green, and which is green is not known here
  4    not restored: Azure refused, or blue is deleted
  6    someone else changed the endpoint; nothing more was sent
  7    sign-in, permission or quota
  8    confirmation required: add --yes
  70   internal error
  130  stopped, or answered no; Azure completes what it accepted`;

const ABORT_HELP = `
Waits for a running write, then restores the split at the rollout's start. Green stays, for its
logs. After a rollout has ended, use rollback.
${CODES}`;

const UNDO_HELP = `
Restores the split before the last one; green never gets more traffic. Earlier splits come from the
journal on this machine; on another machine, use abort.
${CODES}`;

export function registerGoBack(program: Command): void {
  command(program, 'abort', 'end the rollout and restore the split at its start', ABORT_HELP);
  command(program, 'undo', 'restore the split before the last one', UNDO_HELP);
}

function command(program: Command, how: 'abort' | 'undo', says: string, help: string): void {
  const made = workspaceOptions(program.command(`${how} <endpoint>`).description(says));
  if (how === 'abort') made.option('--delete-green', 'then delete green');
  made
    .option('--state-dir <folder>', 'folder of the journals')
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print JSON lines')
    .addHelpText('after', help)
    .action((endpoint: string, flags: BackFlags) =>
      runToExit({ json: flags.json ?? false, otherwise: CODE.notRolledBack }, (run) =>
        goBack(how, endpoint, flags, run),
      ),
    );
}

async function goBack(
  how: 'abort' | 'undo',
  argument: string,
  flags: BackFlags,
  run: Run,
): Promise<number> {
  const { out, signal } = run;
  const [{ endpointNamed }, { findTarget, openTarget, touchProfile }, { lookAt, journalFolder }] =
    await Promise.all([
      import('./plan-argument.js'),
      import('./connect-profile.js'),
      import('./open-rollout.js'),
    ]);
  const { formatSplit, sameSplit, shareOf } = await import('../common/split.js');
  const { ownCommand } = await import('../interop/own-command.js');
  const { openEngine } = await import('./open-engine.js');
  const { contextFor } = await import('../rollout/moves/single-move.js');
  const { Notifier } = await import('../rollout/notify/notifier.js');
  const { perform } = await import('../rollout/moves/index.js');
  const { planRollback } = await import('../rollout/rollback.js');
  const { findDeployment } = await import('../rollout/changes/conditions.js');
  const name = await endpointNamed(argument);
  const note = (line: string): void => out.note(line);
  const target = await findTarget(flags, note);
  const opened = await openTarget(target, { signal, note });
  let close = async (): Promise<void> => {};
  try {
    const journals = journalFolder(flags.stateDir);
    const { now, view, tagged } = await lookAt(opened.workspace, name, journals, signal, note);
    await touchProfile(target);
    const live = now.endpoint?.traffic ?? {};
    if (!now.endpoint) {
      return ended(run, CODE.usage, `There is no endpoint ${name} in ${target.name}.`, live);
    }
    const begun = view && !view.completed && !view.aborted && view.roles.green !== undefined;
    if (!tagged && !begun && (view?.pending.length ?? 0) === 0) {
      const back =
        planRollback(now, view).kind === 'ready' && ownCommand('rollback', name, target.words);
      const sentence = `No rollout is under way on ${name}: traffic is ${formatSplit(live)}.`;
      const offer = back ? ` To restore the split before the last one: ${back}` : '';
      const idle = now.deployments.map((each) => each.name).filter((each) => !shareOf(live, each));
      // Its tags come with its first traffic, so that one that is proved is not seen from here.
      const unseen =
        view || idle.length === 0
          ? ''
          : ` A rollout that has not moved traffic yet is known only where it was started: end it there, or delete its green. Without traffic: ${idle.join(', ')}.`;
      const asked = flags.deleteGreen && unseen !== '';
      const kept = asked ? ' Nothing was deleted.' : '';
      return ended(
        run,
        asked ? CODE.usage : CODE.done,
        `${sentence}${kept}${unseen}${offer}`,
        live,
      );
    }
    const { engine, closeJournal } = await openEngine(opened.workspace, name, {
      signal,
      note,
      journals,
    });
    close = closeJournal;
    await engine.observe(signal);
    const planned = intended(how, engine);
    if ('refused' in planned) return ended(run, CODE.usage, planned.refused, live);
    const { to, warning } = planned;
    out.say(`Endpoint  ${name} in ${target.name}${target.prod ? '  PROD' : ''}`);
    out.say(`Live now  ${formatSplit(live)}`);
    out.say(`Restores  ${formatSplit(to)}`);
    if (warning !== undefined) out.say(`Warning   ${warning}`);
    out.event({
      event: 'plan',
      command: how,
      workspace: target.name,
      endpoint: name,
      traffic: live,
      restores: to,
    });
    const answer = flags.yes || (await confirmed(`Restore ${formatSplit(to)}?`, run));
    if (answer !== true) return answer;
    const context = contextFor(engine, { plan: view?.choice.plan, note, signal });
    const notifier = new Notifier({ engine, folder: '', tell: note, byDefault: target.notify });
    await perform(how === 'abort' ? { id: 'abort', because: [] } : { id: 'undo' }, context);
    await notifier.close({ leaves: false });
    const { green } = view?.roles ?? {};
    if (flags.deleteGreen && green !== undefined && findDeployment(context.now, green)) {
      await perform({ id: 'delete-green', green }, context);
      out.say(`Deleted   ${green}`);
    }
    const after = engine.snapshot?.endpoint?.traffic ?? {};
    const same = sameSplit(after, live);
    const message = `${same ? 'Ended' : 'Restored'}: traffic is ${formatSplit(after)}, verified.`;
    return ended(run, CODE.done, message, after);
  } finally {
    await close();
    await opened.close();
  }
}

function intended(
  how: 'abort' | 'undo',
  engine: RolloutEngine,
): { to: Split; warning?: string } | { refused: string } {
  if (how === 'undo') return engine.undoPlan();
  const to = engine.abortTarget();
  return to
    ? { to }
    : {
        refused:
          'Blue is deleted, so its traffic cannot be restored. Recreate it from its definition in the report.',
      };
}

async function confirmed(question: string, run: Run): Promise<true | number> {
  const { askYesNo, canAsk } = await import('./ask.js');
  if (!canAsk()) {
    const sentence =
      'No terminal to ask for confirmation: nothing was changed. Add --yes to confirm.';
    return ended(run, CODE.approval, sentence);
  }
  const yes = await askYesNo(question, run.signal);
  return yes === true ? true : ended(run, CODE.interrupted, 'Nothing was changed.');
}

function ended({ out }: Run, code: number, message: string, traffic?: Split): number {
  if (code === CODE.done) out.say(message);
  else if (!out.json) out.note(message);
  out.event({ event: 'result', code, message, ...(traffic && { traffic }) });
  return code;
}
