/** `aml-rollout status ENDPOINT`: the state of a rollout. It changes nothing. */
import { InvalidArgumentError, type Command } from 'commander';
import { runToExit, type Run } from './command-run.js';
import { workspaceOptions, type WorkspaceFlags } from './connection-flags.js';
import { CODE } from './exit-codes.js';

export interface StatusFlags extends WorkspaceFlags {
  stateDir?: string;
  json?: true;
  all?: true;
  /** Seconds from one look to the next. */
  watch?: number | true;
}

const HELP = `
ENDPOINT is a name, or a plan file that names it. With --all, every endpoint of every saved
workspace, or of the one named by --profile, --sandbox or --workspace: a row each.
Exit codes: 0 shown, 1 standard output can't be written, 2 no such endpoint, 5 Azure is unreachable,
7 sign-in or permission, 70 internal error, 130 stopped.
With --all the worst of all rows: 7 or 5 a workspace cannot be read, 2 a journal cannot be read,
3 a gate failed, 6 someone else changed the endpoint, 8 approval required, 1 unwatched, failed, or a
kept blue is overdue.`;

const WATCH_SECONDS = 15;

export function registerStatus(program: Command): void {
  workspaceOptions(
    program
      .command('status [endpoint]')
      .description('show live traffic and the state of the rollout'),
  )
    .option('--state-dir <folder>', 'folder of the journals')
    .option('--all', 'show every endpoint of every saved workspace')
    .option(
      '--watch [seconds]',
      `with --all: refresh every ${WATCH_SECONDS} s, or at this interval`,
      seconds,
    )
    .option('--json', 'print JSON lines')
    .addHelpText('after', HELP)
    .action((endpoint: string | undefined, flags: StatusFlags) =>
      runToExit({ json: flags.json ?? false, otherwise: CODE.held, answers: true }, (run) =>
        flags.all ? all(endpoint, flags, run) : status(endpoint, flags, run),
      ),
    );
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 3_600) return value;
  throw new InvalidArgumentError('It must be whole seconds from 1 to 3600.');
}

async function all(
  endpoint: string | undefined,
  { watch, ...flags }: StatusFlags,
  run: Run,
): Promise<number> {
  if (endpoint !== undefined) {
    const { CommandError } = await import('./errors.js');
    throw new CommandError(
      `--all shows every endpoint: leave ${endpoint} out, or leave --all out.`,
    );
  }
  const { statusAll } = await import('./status-all.js');
  const every = watch === true ? WATCH_SECONDS : watch;
  return statusAll(flags, every, run);
}

async function status(argument: string | undefined, flags: StatusFlags, run: Run): Promise<number> {
  const { out, signal } = run;
  const [{ endpointNamed }, { findTarget, openTarget }, { CommandError }] = await Promise.all([
    import('./plan-argument.js'),
    import('./connect-profile.js'),
    import('./errors.js'),
  ]);
  if (argument === undefined) throw new CommandError('Name an endpoint, or add --all.');
  if (flags.watch !== undefined) throw new CommandError('--watch needs --all.');
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
    const types = [...new Set(found.now.deployments.map(({ instanceType }) => instanceType))];
    const stands = statusOf(found, await opened.workspace.hourlyPrices(types, signal));
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
