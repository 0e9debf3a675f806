/** `aml-rollout status ENDPOINT`: where a rollout stands; looks, and changes nothing. */
import type { Command } from 'commander';
import { runToExit, type Run } from './command-run.js';
import { workspaceOptions, type WorkspaceFlags } from './connection-flags.js';
import { CODE } from './exit-codes.js';

interface StatusFlags extends WorkspaceFlags {
  stateDir?: string;
  json?: true;
}

const HELP = `
ENDPOINT is a name, or a plan file that names it.
Exit codes: 0 shown, 2 no such endpoint, 5 Azure is unreachable, 7 sign-in or permission,
70 internal error, 130 stopped.`;

export function registerStatus(program: Command): void {
  workspaceOptions(
    program
      .command('status <endpoint>')
      .description('show live traffic and the state of the rollout'),
  )
    .option('--state-dir <folder>', 'folder of the journals')
    .option('--json', 'print one JSON line')
    .addHelpText('after', HELP)
    .action((endpoint: string, flags: StatusFlags) =>
      runToExit({ json: flags.json ?? false, otherwise: CODE.held }, (run) =>
        status(endpoint, flags, run),
      ),
    );
}

async function status(argument: string, flags: StatusFlags, run: Run): Promise<number> {
  const { out, signal } = run;
  const [{ endpointNamed }, { findTarget, openTarget }, { CommandError }] = await Promise.all([
    import('./plan-argument.js'),
    import('./connect-profile.js'),
    import('./errors.js'),
  ]);
  const name = await endpointNamed(argument);
  const note = (line: string): void => out.note(line);
  const target = await findTarget(flags, note);
  const opened = await openTarget(target, { signal, note });
  try {
    const { journalFolder, lookAt } = await import('./open-rollout.js');
    const found = await lookAt(opened.workspace, name, journalFolder(flags.stateDir), signal);
    const { endpoint } = found.now;
    if (!endpoint) throw new CommandError(`There is no endpoint ${name} in ${target.name}.`);
    const { rollBackCommand, statusOf, standingLines } = await import('./standing.js');
    const stands = statusOf(found);
    for (const line of standingLines(stands, target)) out.say(line);
    const back = rollBackCommand(stands, target);
    out.event({
      event: 'status',
      workspace: target.name,
      ...stands,
      ...(back !== undefined && { rollBackCommand: back }),
    });
    return CODE.done;
  } finally {
    await opened.close();
  }
}
