/**
 * `aml-rollout export ENDPOINT`: the report and scripts of a rollout, from its journal; with
 * `--plan`, the scripts of what a plan would do.
 */
import type { WorkspaceRef } from '../azure/types.js';
import { sameName } from '../common/same-name.js';
import { sanitizeLine } from '../common/sanitize.js';
import { InvalidArgumentError, type Command } from 'commander';
import type { Snapshot } from '../rollout/snapshot.js';
import type { JournalView } from '../rollout/journal/view.js';
import { PROGRAM, runToExit, type Run } from './command-run.js';
import { workspaceOptions, type WorkspaceFlags } from './connection-flags.js';
import { CODE } from './exit-codes.js';

interface ExportFlags extends WorkspaceFlags {
  plan?: string;
  dir?: string;
  stateDir?: string;
  rollout?: string;
  live?: true;
  open?: true;
  loadTest?: true;
  rate?: number;
  minutes?: number;
  json?: true;
}

const HELP = `
Works offline, from the journal on this machine. With --live it reads the endpoint first, so that the
report shows the current split and rollback. With --plan it writes the scripts and YAML files of that
plan for a workspace where nothing of it exists yet.
With --load-test it writes a load test of green alone, for a load that this machine is too small for: the
plan's rows at blue's peak of the last hour times the next weight. The key is read from ENDPOINT_KEY.
Exit codes: 0 written, 1 a file can't be written or Azure can't be read, 2 there is no such rollout
on this machine or the plan is invalid, 7 sign-in or permission, 70 internal error,
130 stopped.`;

export function registerExport(program: Command): void {
  const command = program
    .command('export [endpoint]')
    .alias('report')
    .description("write the last rollout's report, and scripts that repeat it")
    .option('--plan <file>', 'instead of an endpoint: scripts of a plan')
    .option('--dir <folder>', 'output folder (default: rollouts/ENDPOINT-ID)')
    .option('--state-dir <folder>', 'folder of the journals')
    .option('--rollout <id>', 'an earlier rollout of the endpoint')
    .option('--live', 'read the endpoint first')
    .option('--open', 'open report.html')
    .option('--load-test', 'write a load test instead: Locust and Azure Load Testing')
    .option('--rate <n>', "with --load-test: blue's peak requests per minute", whole(10_000_000))
    .option('--minutes <n>', 'with --load-test: how long (default: 5)', whole(24 * 60));
  workspaceOptions(command)
    .option('--json', 'print JSON lines')
    .addHelpText('after', HELP)
    .action((endpoint: string | undefined, flags: ExportFlags) =>
      runToExit({ json: flags.json ?? false, otherwise: CODE.attention }, async (run) => {
        await checkTogether(endpoint, flags);
        if (flags.loadTest && endpoint !== undefined) {
          const { exportLoadTest } = await import('./export-load-test.js');
          return exportLoadTest(endpoint, flags, run);
        }
        if (flags.plan !== undefined) return exportPlan(flags.plan, endpoint, flags, run);
        if (endpoint !== undefined) return exportRollout(endpoint, flags, run);
        const { CommandError } = await import('./errors.js');
        throw new CommandError('Name an endpoint, or a plan with --plan.');
      }),
    );
}

const whole = (most: number) => (text: string) => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
};

async function checkTogether(endpoint: string | undefined, flags: ExportFlags): Promise<void> {
  const { loadTest, plan, open, rollout, rate, minutes } = flags;
  const { CommandError } = await import('./errors.js');
  if (loadTest && (endpoint === undefined || (plan ?? open ?? rollout) !== undefined)) {
    throw new CommandError(
      'A load test is for the rollout under way on an endpoint: name it, without --plan, --rollout and --open.',
    );
  }
  if (!loadTest && (rate ?? minutes) !== undefined) {
    throw new CommandError('--rate and --minutes need --load-test: add it.');
  }
}

async function exportRollout(endpoint: string, flags: ExportFlags, run: Run): Promise<number> {
  const [{ join, resolve }, { exportFiles, REPORT_PAGE }, { writeFiles }] = await Promise.all([
    import('node:path'),
    import('../interop/export.js'),
    import('./write-files.js'),
  ]);
  const view = await lastRollout(endpoint, flags, run);
  const now = flags.live ? await lookAt(view, flags, run) : await fromJournal(view);
  const dir = resolve(flags.dir ?? join('rollouts', `${view.endpoint}-${view.rolloutId}`));
  const files = await exportFiles(now, view, {
    program: flags.live ? PROGRAM : `${PROGRAM} (from the journal; the endpoint was not read)`,
    reportedAt: new Date().toISOString(),
    dir,
    reach: await reachOf(flags, now.workspace, run),
  });
  await writeFiles(files, dir, run);
  if (flags.open) await openInBrowser(join(dir, REPORT_PAGE), run);
  run.out.event({ event: 'result', code: CODE.done, rolloutId: view.rolloutId, dir });
  return CODE.done;
}

/** The files are written in any case. */
async function openInBrowser(path: string, { out }: Run): Promise<void> {
  const { default: open } = await import('open');
  const failed = () =>
    out.note(`No program on this machine can open it. Open it yourself: ${path}`);
  await open(path).then((opener) => opener.once('error', failed), failed);
}

async function exportPlan(
  argument: string,
  endpoint: string | undefined,
  flags: ExportFlags,
  run: Run,
): Promise<number> {
  const [
    { join, resolve },
    { codeFiles },
    { plannedChanges },
    { readPlan },
    { CommandError },
    { writeFiles },
  ] = await Promise.all([
    import('node:path'),
    import('../interop/export.js'),
    import('../rollout/plan/planned-changes.js'),
    import('./plan-argument.js'),
    import('./errors.js'),
    import('./write-files.js'),
  ]);
  const without = endpoint ?? flags.rollout ?? flags.live;
  if (without !== undefined) {
    throw new CommandError(
      'Use --plan alone: the plan names its endpoint, and no endpoint is read.',
    );
  }
  if (flags.open) throw new CommandError('A plan has no report to open: leave --open out.');
  const { plan, folder, notes } = await readPlan(argument);
  for (const line of notes) run.out.note(line);
  const workspace = await plannedWorkspace(flags, (line) => run.out.note(line));
  const planned = plannedChanges(plan, workspace, folder);
  if ('problem' in planned) throw new CommandError(planned.problem);
  for (const line of planned.leftOut) run.out.note(`Left out: ${line}`);
  const dir = resolve(flags.dir ?? join('rollouts', `${plan.endpoint.name}-plan`));
  await writeFiles(
    codeFiles(planned.changes, workspace, { dir, visible: plan.visibleVariables }),
    dir,
    run,
  );
  run.out.event({ event: 'result', code: CODE.done, dir });
  return CODE.done;
}

/** The names that the scripts hold; only the sandbox has to be asked for its own. */
async function plannedWorkspace(flags: ExportFlags, note: (line: string) => void) {
  const { findTarget } = await import('./connect-profile.js');
  const target = await findTarget(flags, note);
  if (target.connection) return target.connection;
  const { SandboxProcess } = await import('./sandbox-process.js');
  const sandbox = new SandboxProcess([]);
  try {
    return await sandbox.connection();
  } finally {
    sandbox.stop();
  }
}

/** The journal written last that fits what was said. */
async function lastRollout(
  endpoint: string,
  flags: ExportFlags,
  { out }: Run,
): Promise<JournalView> {
  const [{ listJournals }, { journalView }, { journalFolder }, { CommandError }] =
    await Promise.all([
      import('../rollout/journal/journal.js'),
      import('../rollout/journal/view.js'),
      import('./open-rollout.js'),
      import('./errors.js'),
    ]);
  const folder = journalFolder(flags.stateDir);
  const { journals, problems } = listJournals(folder);
  for (const problem of problems) out.note(problem);
  const wanted = await namedWorkspace(flags, (line) => out.note(line));
  const all = journals.map(({ entries }) => journalView(entries));
  const fitting = all.filter(
    (view) =>
      sameName(view.endpoint, endpoint) &&
      view.changes.length > 0 &&
      (flags.rollout === undefined || view.rolloutId === flags.rollout) &&
      (wanted === undefined ||
        (sameName(view.workspace?.subscriptionId, wanted.subscriptionId) &&
          sameName(view.workspace?.resourceGroup, wanted.resourceGroup) &&
          sameName(view.workspace?.workspaceName, wanted.workspaceName))),
  );
  const [last] = fitting;
  if (last?.workspace) {
    const { resourceGroup, workspaceName } = last.workspace;
    const where = `${resourceGroup} / ${workspaceName}`;
    const rollout = `Rollout ${last.rolloutId} of ${last.endpoint} in ${where}`;
    out.say(sanitizeLine(`${rollout}, last line ${last.lastAt}`));
    return last;
  }
  const known = [...new Set(all.filter((view) => view.changes.length > 0).map((v) => v.endpoint))];
  throw new CommandError(
    `No rollout of ${endpoint}${flags.rollout ? ` with the id ${flags.rollout}` : ''} is in ${folder}. ${known.length > 0 ? `This folder has rollouts of ${known.join(', ')}.` : 'Another machine may have its journal.'}`,
  );
}

/** As it was named here; a journal keeps its three names alone. */
async function reachOf(flags: ExportFlags, journaled: WorkspaceRef, { out }: Run): Promise<string> {
  if (flags.sandbox) return '--sandbox';
  const { connectionWords } = await import('../interop/own-command.js');
  return connectionWords((await namedWorkspace(flags, (line) => out.note(line))) ?? journaled);
}

/** Only a workspace that was named narrows the choice; the one used last does not. */
async function namedWorkspace(flags: ExportFlags, note: (line: string) => void) {
  if (flags.profile === undefined && flags.subscription === undefined) return undefined;
  const { findTarget } = await import('./connect-profile.js');
  return (await findTarget(flags, note)).connection;
}

async function fromJournal(view: JournalView): Promise<Snapshot> {
  const { journalSnapshot } = await import('../rollout/journal/snapshot.js');
  const snapshot = journalSnapshot(view);
  if (!snapshot) throw new Error('The journal names no endpoint.');
  return snapshot;
}

async function lookAt(view: JournalView, flags: ExportFlags, run: Run): Promise<Snapshot> {
  const [{ findTarget, openTarget }, { observe }] = await Promise.all([
    import('./connect-profile.js'),
    import('../rollout/snapshot.js'),
  ]);
  const { signal, out } = run;
  const note = (line: string): void => out.note(line);
  const opened = await openTarget(await findTarget(flags, note), { signal, note });
  try {
    const { workspaceName, subscriptionId } = opened.workspace.connection;
    const ref = view.workspace;
    if (
      ref?.workspaceName.toLowerCase() !== workspaceName.toLowerCase() ||
      ref.subscriptionId.toLowerCase() !== subscriptionId.toLowerCase()
    ) {
      const { CommandError } = await import('./errors.js');
      throw new CommandError(
        `That rollout was in workspace ${ref?.workspaceName}, not in ${workspaceName}. Name its workspace, or leave --live out.`,
      );
    }
    return await observe(opened.workspace, view.endpoint ?? '', [], signal);
  } finally {
    await opened.close();
  }
}
