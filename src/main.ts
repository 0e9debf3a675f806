#!/usr/bin/env node
/** Command line to command. Imports nothing heavy: each command loads what it needs. */
import { Command } from 'commander';
import { registerCompletion } from './cli/completion.js';
import { registerDoctor } from './cli/doctor.js';
import { registerExport } from './cli/export.js';
import { registerGoBack } from './cli/go-back.js';
import { programHelp } from './cli/help-text.js';
import { registerInit } from './cli/init.js';
import { registerManPage } from './cli/man-page.js';
import { registerProfiles } from './cli/profiles.js';
import { registerRollback } from './cli/rollback.js';
import { registerRun } from './cli/run.js';
import { registerSandbox } from './cli/sandbox.js';
import { registerStatus } from './cli/status.js';
import { registerWizard } from './cli/wizard.js';

declare const __VERSION__: string;

/** Of a command line that can't be understood; commander's own is 1. */
const USAGE = 2;

const program = new Command('aml-rollout')
  .description('progressive (blue-green) rollouts of MLflow models on Azure ML online endpoints')
  .version(__VERSION__)
  .addHelpText('after', programHelp)
  // Before the commands are made, which take these over.
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
  const { didYouMean } = await import('./common/did-you-mean.js');
  const near = didYouMean(first, known);
  program.error(`error: there is no command '${first}'.${near} There are ${known.join(', ')}.`);
}
await program.parseAsync();
