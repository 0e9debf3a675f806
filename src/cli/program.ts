/** Command line to command. Imports nothing heavy: each command loads what it needs. */
import { Command } from 'commander';
import { registerCompletion } from './completion.js';
import { registerDoctor } from './doctor.js';
import { registerExport } from './export.js';
import { registerGoBack } from './go-back.js';
import { helpColumns } from './help-columns.js';
import { programHelp } from './help-text.js';
import { registerInit } from './init.js';
import { registerManPage } from './man-page.js';
import { registerProfiles } from './profiles.js';
import { registerRollback } from './rollback.js';
import { registerRun } from './run.js';
import { registerSandbox } from './sandbox.js';
import { registerStatus } from './status.js';
import { registerWizard } from './wizard.js';

declare const __VERSION__: string;

/** Of a command line that can't be understood; commander's own is 1. */
const USAGE = 2;

export async function runCommandLine(): Promise<void> {
  const program = new Command('aml-rollout')
    .description('progressive (blue-green) rollouts of MLflow models on Azure ML online endpoints')
    .version(__VERSION__)
    .addHelpText('after', programHelp)
    // Before the commands are made, which take these over.
    .configureOutput({ getOutHelpWidth: helpColumns, getErrHelpWidth: helpColumns })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE))
    .showHelpAfterError('Run the command with --help for usage.');
  registerWizard(program);
  registerInit(program);
  registerRun(program);
  registerStatus(program);
  registerGoBack(program);
  registerRollback(program);
  registerDoctor(program);
  registerExport(program);
  registerSandbox(program);
  registerProfiles(program);
  registerCompletion(program);
  registerManPage(program, __VERSION__);

  // The wizard runs without a command, so commander takes an unknown one for the wizard's.
  const [first] = program.parseOptions(process.argv.slice(2)).operands;
  const exists = (name: string): boolean =>
    name === 'help' ||
    program.commands.some((command) => command.name() === name || command.aliases().includes(name));
  if (first !== undefined && !exists(first)) {
    const commands = program.createHelp().visibleCommands(program);
    const known = commands.map((command) => command.name());
    const { didYouMean } = await import('../common/did-you-mean.js');
    const near = didYouMean(first, known);
    program.error(`error: there is no command '${first}'.${near} Commands: ${known.join(', ')}.`);
  }
  await program.parseAsync();
}
