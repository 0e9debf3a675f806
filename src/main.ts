#!/usr/bin/env node
/** Command line to command. Imports nothing heavy: each command loads what it needs. */
import { Command } from 'commander';
import { registerProfiles } from './commands/profiles.js';
import { registerSandbox } from './commands/sandbox.js';
import { registerWizard } from './commands/wizard.js';

declare const __VERSION__: string;

const program = new Command('aml-rollout')
  .description('progressive (blue-green) rollouts of MLflow models on Azure ML online endpoints')
  .version(__VERSION__);
registerWizard(program);
registerSandbox(program);
registerProfiles(program);
await program.parseAsync();
