/** `aml-rollout`: the wizard. Prepares the terminal, then loads Ink. */
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { CommandError, ending } from './errors.js';
import {
  isInteractive,
  prepareEnvironment,
  wantsScreenReader,
  wantsUpdateNotice,
} from '../terminal/environment.js';
import { EXIT } from '../terminal/exit-codes.js';
import { sanitizeText } from '../common/sanitize.js';
import type { Profile } from '../profiles/profile.js';
import type { NamedFile } from '../wizard/file-values.js';
import type { PlanFile } from '../wizard/plan.js';
import { sandboxArgs, type SandboxFlags } from './sandbox-flags.js';
import type { NamedOnCommandLine } from './wizard-session.js';

interface WizardFlags extends SandboxFlags {
  profile?: string;
  inline?: true;
  bell?: boolean;
  debug?: true;
  withoutTerminal?: string;
  plan?: string;
  endpointFile?: string;
  deploymentFile?: string;
}

export function registerWizard(program: Command): void {
  program
    .command('wizard', { isDefault: true })
    .description('the interactive rollout (the default command)')
    .option('--profile <name>', 'open this saved workspace')
    .option('--inline', 'draw on the normal screen, and leave every step in the scrollback')
    .option('--plan <file>', 'a plan file (rollout.yml): steps, holds and gates come from it')
    .option('--endpoint-file <file>', 'endpoint.yml of az ml, for the form of a new endpoint')
    .option('--deployment-file <file>', 'deployment.yml, for the form of the new deployment')
    .option('--no-bell', 'no bell when long work has ended or a decision is needed')
    .option('--debug', 'show stack traces')
    .option('--sandbox', 'no effect: the start screen offers the sandbox')
    .option('--fresh', 'start the sandbox over with an empty workspace')
    .option('--time-scale <factor>', "multiply the sandbox's waiting times")
    .option('--realistic', "use Azure's own times in the sandbox")
    .addOption(
      new Option(
        '--without-terminal <plan>',
        'without a terminal: run this plan on the sandbox',
      ).hideHelp(),
    )
    .action(async (flags: WizardFlags) => {
      if (flags.withoutTerminal !== undefined && !isInteractive()) {
        const { start } = await import('./run.js');
        await start('run', [flags.withoutTerminal], { ...flags, sandbox: true, yes: true });
      } else {
        process.exitCode = await run(flags).catch((error: unknown) => {
          const end = ending(error, EXIT.usage);
          if (!end || flags.debug) throw error;
          process.stderr.write(`${end.lines.join('\n')}\n`);
          return end.code;
        });
      }
    });
}

async function run(flags: WizardFlags): Promise<number> {
  if (!isInteractive()) {
    const why =
      process.env['TERM'] === 'dumb'
        ? 'The wizard needs a terminal that can move its cursor, and TERM is "dumb". Set TERM to the type of your terminal, such as xterm-256color'
        : 'The wizard needs a terminal for input and output. Start it in one';
    const { ownCommand } = await import('../interop/own-command.js');
    process.stderr.write(`${why}, or see ${ownCommand('--help')}.\n`);
    return EXIT.usage;
  }
  const planFile = flags.plan === undefined ? undefined : await readPlanOf(flags.plan);
  const files = await readFilesOf(flags);
  const profile = flags.profile === undefined ? undefined : await profileNamed(flags.profile);
  // Before a person at a build agent's terminal gets an environment without it.
  const updates = wantsUpdateNotice();
  prepareEnvironment();
  // Ink and its libraries read the environment when they are loaded.
  const { openWizard } = await import('./wizard-session.js');
  return openWizard({
    inline: Boolean(flags.inline) || wantsScreenReader(),
    spoken: wantsScreenReader(),
    debug: flags.debug === true,
    bell: flags.bell !== false,
    updates,
    sandbox: sandboxArgs(flags),
    named: {
      ...(planFile && { planFile }),
      ...(profile && { profile: profile.id }),
      ...files,
    },
  });
}

/** What is wrong with it is said before the screen is taken. */
async function readPlanOf(path: string): Promise<PlanFile> {
  const { loadPlanFile } = await import('../wizard/effects/plan.js');
  return loadPlanFile(resolve(path), path);
}

async function profileNamed(name: string): Promise<Profile> {
  const [{ savedProfile }, { ProfileStore }] = await Promise.all([
    import('./connect-profile.js'),
    import('../profiles/store.js'),
  ]);
  return savedProfile(new ProfileStore(), name);
}

/** The same for the files of `az ml`; what they say and the forms don't take is said there too. */
async function readFilesOf(flags: WizardFlags): Promise<NamedOnCommandLine> {
  const { endpointFile, deploymentFile } = flags;
  if (endpointFile === undefined && deploymentFile === undefined) return {};
  const [{ filesIn }, { beside }, { readEndpointFile }, { readDeploymentFile }, { leftOfModel }] =
    await Promise.all([
      import('../interop/rollout-files.js'),
      import('../interop/files-beside.js'),
      import('../interop/endpoint-file.js'),
      import('../interop/deployment-file.js'),
      import('../wizard/file-values.js'),
    ]);
  const { open } = filesIn(process.cwd(), () => {});
  const read = async <T extends { notes: string[] }>(
    path: string | undefined,
    reader: (content: string, name: string) => T,
  ): Promise<NamedFile<T> | undefined> => {
    if (path === undefined) return undefined;
    try {
      const file = reader(open(path), path);
      for (const note of file.notes) process.stderr.write(`${sanitizeText(note)}\n`);
      return { path, file };
    } catch (error) {
      const { FileProblem } = await import('../interop/yaml-file.js');
      if (error instanceof FileProblem) throw new CommandError(error.message);
      throw error;
    }
  };
  const endpoint = await read(endpointFile, readEndpointFile);
  const deployment = await read(deploymentFile, (content, name) =>
    readDeploymentFile(content, name, { open: beside(name, open) }),
  );
  const left = deployment && leftOfModel(deployment);
  if (left !== undefined) process.stderr.write(`${sanitizeText(left)}\n`);
  return {
    ...(endpoint && { endpointFile: endpoint }),
    ...(deployment && { deploymentFile: deployment }),
  };
}
