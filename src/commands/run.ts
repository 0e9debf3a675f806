/** `aml-rollout run PLAN` and `resume PLAN`: a rollout without a screen. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { runCommand } from './command-run.js';
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

export const RUN_CODES = `
Exit codes
  0    promoted, now or by an earlier run
  2    the command line, the plan, or what it names can't be right; nothing was changed
  3    a gate failed, or the new deployment never came up; the split at the start is live
  4    a gate failed, and the split at the start could not be restored: somebody has to look
  5    not decided: a gate is inconclusive, or Azure could not be reached; nothing was moved back
  6    someone else moved the traffic, or another rollout is under way
  7    sign-in, permission or quota
  8    waiting for a yes: of the plan (--yes), or of a hold (resume --approve SHARE)
  70   an error of this program
  130  stopped by Ctrl-C (143 by SIGTERM); what was done is kept, and resume goes on`;

const RUN_HELP = `
Prints a line a change and a line a verdict, or JSON lines with --json. What is there already and
is as the plan wants it is adopted, so a plan can be run again.
${RUN_CODES}`;

const RESUME_HELP = `
Goes on from what the workspace shows: the plan and the endpoint's tags are enough, a journal makes
the report complete. Every hold starts again, for nobody watched meanwhile.
${RUN_CODES}`;

export function registerRun(program: Command): void {
  options(
    program
      .command('run [plan]')
      .description('carry out a plan file, without a terminal if need be'),
  )
    .option('--yes', 'carry the plan out without asking; holds for a yes still end the run')
    .addHelpText('after', RUN_HELP)
    .action((plan: string | undefined, flags: RunFlags) => start('run', plan, flags));

  options(program.command('resume [plan]').description('go on with a rollout that was left'))
    .option('--approve <share>', 'go on past the hold at this share of the traffic', percent)
    .addHelpText('after', RESUME_HELP)
    .action((plan: string | undefined, flags: RunFlags) => start('resume', plan, flags));
}

function options(command: Command): Command {
  return workspaceOptions(command)
    .option('--endpoint-file <file>', 'in place of a plan: endpoint.yml of az ml')
    .option('--blue-file <file>', 'and the deployment.yml that serves, where it is to be made')
    .option('--green-file <file>', 'and the deployment.yml that is to take over')
    .option('--csv <file>', 'and the rows that both are sent')
    .option('--target <column>', 'and the column of the CSV that holds the truth')
    .option('--state-dir <folder>', 'keep journals and reports here, e.g. as an artifact')
    .option(
      '--override <reason>',
      'let traffic move although the proof, or after resume the watch, does not pass; journaled',
    )
    .option(
      '--replace-green',
      'delete the green of this rollout that serves another model than the plan',
    )
    .option('--adopt', 'go on from what is live, although someone else moved the traffic')
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

export const start = (
  how: 'run' | 'resume',
  plan: string | undefined,
  flags: RunFlags,
): Promise<void> =>
  runCommand({ json: flags.json ?? false, otherwise: CODE.held }, async (run) => {
    const { carryPlan } = await import('./carry-plan.js');
    return carryPlan(how, plan, flags, sandboxArgs(flags), run);
  });
