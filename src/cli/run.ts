/** `aml-rollout run PLAN` and `resume PLAN`: a rollout without a screen. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { runToExit } from './command-run.js';
import { workspaceOptions, type WorkspaceFlags } from './connection-flags.js';
import { CODE } from './exit-codes.js';
import type { FileFlags } from './plan-argument.js';
import { sandboxArgs, type SandboxFlags } from './sandbox-flags.js';

export interface RunFlags extends WorkspaceFlags, SandboxFlags, FileFlags {
  stateDir?: string;
  yes?: true;
  json?: true;
  approve?: number;
  adopt?: true;
  replaceGreen?: true;
  override?: string;
}

const RUN_CODES = `
Exit codes
  0    promoted, now or by an earlier run
  2    invalid command line, plan, or file it names, or the workspace can't take the rollout (a
       provider is not registered, legacy mode); nothing was changed
  3    a gate failed, or green did not start; the split at the start is live
  4    a gate failed, and the split at the start could not be restored: check the endpoint
  5    not decided: a gate is inconclusive, or Azure is unreachable; nothing was rolled back
  6    someone else moved the traffic, or another rollout is under way
  7    sign-in, permission or quota
  8    approval required: of the plan (--yes), or of a hold (resume --approve WEIGHT)
  9    blue did not start, or does not answer; green gets no traffic
  70   internal error
  130  stopped by Ctrl-C (143 by SIGTERM, 129 by SIGHUP); resume continues from there`;

const RUN_HELP = `
Prints one line for each change and verdict, or JSON lines with --json. Adopts everything that
already matches the plan, so you can run a plan again. Of several plans, the first that does not
end with 0 is the last one that runs, and its exit code is that of the command.
${RUN_CODES}`;

const RESUME_HELP = `
Continues from the state of the workspace. It needs only the plan and the endpoint's tags; with a
journal the report is complete. Every hold starts again, because its minutes were not watched.
${RUN_CODES}`;

export function registerRun(program: Command): void {
  options(
    program
      .command('run [plans...]')
      .description('run a plan file, or several in order, without the wizard, for example in CI'),
  )
    .option('--yes', 'run the plan without asking; a hold for approval still ends the run')
    .addHelpText('after', RUN_HELP)
    .action((plans: string[], flags: RunFlags) => start('run', plans, flags));

  options(program.command('resume [plan]').description('continue a rollout that was left'))
    .option('--yes', 'no effect: the rollout was confirmed when it began')
    .addHelpText('after', RESUME_HELP)
    .action((plan: string | undefined, flags: RunFlags) =>
      start('resume', plan === undefined ? [] : [plan], flags),
    );
}

function options(command: Command): Command {
  return workspaceOptions(command)
    .option('--endpoint-file <file>', 'instead of a plan: endpoint.yml of az ml')
    .option(
      '--blue-file <file>',
      'with --endpoint-file: deployment.yml of blue, if blue must be created',
    )
    .option('--green-file <file>', 'with --endpoint-file: deployment.yml of green')
    .option(
      '--csv <rows>',
      'with --endpoint-file: rows to send to both: a file, a data asset, a datastore path or collected:24h',
    )
    .option('--target <column>', 'with --csv: column that holds the truth')
    .option('--state-dir <folder>', 'folder for journals and reports, e.g. a CI artifact')
    .option(
      '--override <reason>',
      'override a gate that does not pass, with this reason; the journal keeps it',
      reason,
    )
    .option(
      '--replace-green',
      "delete this rollout's green if it serves another model than the plan",
    )
    .option(
      '--approve <weight>',
      'approve the hold at this traffic weight; 0: a green without everything that blue has',
      percent,
    )
    .option('--adopt', 'continue from the current split after someone else changed it')
    .option('--json', 'print JSON lines')
    .addOption(
      new Option('--time-scale <factor>', "multiply the sandbox's waiting times").hideHelp(),
    )
    .addOption(new Option('--fresh', 'start the sandbox over').hideHelp());
}

function percent(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 100) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 100.');
  }
  return value;
}

/** A variable that is not set in a pipeline is no reason. */
function reason(text: string): string {
  if (text.trim().length >= 3) return text.trim();
  throw new InvalidArgumentError('It must be a reason of at least 3 characters.');
}

export const start = (
  how: 'run' | 'resume',
  plans: readonly string[],
  flags: RunFlags,
): Promise<void> =>
  runToExit({ json: flags.json ?? false, otherwise: CODE.held }, async (run) => {
    if (plans.length > 1) {
      const { runPlans } = await import('./run-plans.js');
      return runPlans(plans, flags, sandboxArgs(flags), run);
    }
    const { carryPlan } = await import('./carry-plan.js');
    return carryPlan(how, plans[0], flags, sandboxArgs(flags), run);
  });
