/** `aml-rollout`: the wizard. Prepares the terminal, then loads Ink. */
import { randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import { CommandError, ending } from './errors.js';
import { isInteractive, prepareEnvironment, wantsScreenReader } from '../terminal/environment.js';
import { EXIT } from '../terminal/exit-codes.js';
import { sanitizeText } from '../common/sanitize.js';
import type { Profile } from '../profiles/profile.js';
import type { NamedFile } from '../wizard/file-values.js';
import type { PlanFile } from '../wizard/plan.js';
import type { Defaults } from '../wizard/state.js';
import type { SandboxProcess } from './sandbox-process.js';
import { sandboxArgs, type SandboxFlags } from './sandbox-flags.js';

declare const __VERSION__: string;

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

const SAMPLES = fileURLToPath(new URL('../samples', import.meta.url));
/** A kept blue is proposed to live this long. */
const KEEP_DAYS = 7;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function registerWizard(program: Command): void {
  program
    .command('wizard', { isDefault: true })
    .description('the interactive rollout (the default command)')
    .option('--profile <name>', 'open this saved workspace')
    .option('--inline', 'draw on the normal screen and keep the scrollback')
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
        ? 'The wizard needs a terminal that can move its cursor, and TERM is "dumb". Set TERM to what yours is, such as xterm-256color'
        : 'The wizard needs a terminal: keys in and a screen out. Start it in one';
    process.stderr.write(`${why}, or see aml-rollout --help.\n`);
    return EXIT.usage;
  }
  const planFile = flags.plan === undefined ? undefined : await readPlanOf(flags.plan);
  const files = await readFilesOf(flags);
  const profile = flags.profile === undefined ? undefined : await profileNamed(flags.profile);
  prepareEnvironment();
  const { withTerminal } = await import('../terminal/lifecycle.js');
  const { paths } = await import('../profiles/paths.js');
  const { SandboxProcess } = await import('./sandbox-process.js');
  const sandbox = new SandboxProcess(sandboxArgs(flags));
  try {
    return await withTerminal(
      {
        inline: Boolean(flags.inline) || wantsScreenReader(),
        debug: flags.debug === true,
        crashFolder: paths().logs,
      },
      (session) =>
        draw(
          session,
          sandbox,
          {
            ...(planFile && { planFile }),
            ...(profile && { profile: profile.id }),
            ...files,
          },
          flags.bell !== false,
        ),
    );
  } finally {
    sandbox.stop();
  }
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

type Named = Pick<Defaults, 'planFile' | 'profile' | 'endpointFile' | 'deploymentFile'>;

/** The same for the files of `az ml`; what they say and the forms don't take is said there too. */
async function readFilesOf(flags: WizardFlags): Promise<Named> {
  const { endpointFile, deploymentFile } = flags;
  if (endpointFile === undefined && deploymentFile === undefined) return {};
  const [{ filesIn }, { readEndpointFile }, { readDeploymentFile }, { leftOfModel }] =
    await Promise.all([
      import('../interop/rollout-files.js'),
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
  const deployment = await read(deploymentFile, readDeploymentFile);
  const left = deployment && leftOfModel(deployment);
  if (left !== undefined) process.stderr.write(`${sanitizeText(left)}\n`);
  return {
    ...(endpoint && { endpointFile: endpoint }),
    ...(deployment && { deploymentFile: deployment }),
  };
}

function initialState(now: number, { planFile, ...named }: Named) {
  const suffix = Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  const keepUntil = new Date(now + KEEP_DAYS * 86_400_000).toISOString().slice(0, 10);
  return {
    now,
    startedAt: now,
    defaults: {
      endpoint: planFile?.endpoint ?? `heart-classifier-${suffix}`,
      blueFolder: join(SAMPLES, 'heart-classifier', 'v1'),
      newFolder: join(SAMPLES, 'heart-classifier', 'v2'),
      afterNewFolder: join(SAMPLES, 'heart-classifier', 'v3-regressed'),
      csv: planFile?.plan.evidence?.csv ?? join(SAMPLES, 'heart.csv'),
      seed: planFile?.plan.evidence?.seed ?? 4711,
      ...(planFile && { planFile }),
      ...named,
      keepUntil,
    },
    implied: 'workspace' as const,
    shown: [],
    screens: {},
    overlays: [],
    log: [],
    runs: {},
    lastRun: 0,
  };
}

async function draw(
  session: import('../terminal/lifecycle.js').TerminalSession,
  sandbox: SandboxProcess,
  named: Named,
  bell: boolean,
): Promise<number> {
  const [{ drawWizard }, { Store }, { Runner }, { ProfileStore }, { paths }] = await Promise.all([
    import('../../screens/draw.js'),
    import('../wizard/store.js'),
    import('../wizard/runner.js'),
    import('../profiles/store.js'),
    import('../profiles/paths.js'),
  ]);
  const { activeStep } = await import('../wizard/navigation.js');
  const { summaryOf } = await import('../wizard/leaving.js');
  const { copyText } = await import('../terminal/clipboard.js');
  const { Announcer } = await import('../terminal/announce.js');
  const { announced } = await import('../wizard/announcement.js');
  const announcer = new Announcer(session.stdout, { bell });
  session.onLeave(() => announcer.end());
  const store = new Store(initialState(Date.now(), named));
  const runner = new Runner(store, {
    services: {
      async connect(connection, { onMessage, signal }) {
        const { connect } = await import('../azure/connect.js');
        return connect(connection, {
          signal,
          onDeviceCode: ({ userCode, verificationUri }) =>
            onMessage(`Sign in at ${verificationUri} with the code ${userCode}`),
        });
      },
      async subscriptions(as, { onMessage }) {
        const { listSubscriptions } = await import('../azure/connect.js');
        return listSubscriptions(as, {
          onDeviceCode: ({ userCode, verificationUri }) =>
            onMessage(`Sign in at ${verificationUri} with the code ${userCode}`),
        });
      },
      sandbox: () => sandbox.connection(),
      async copy(text) {
        const copied = await copyText(text, session.stdout);
        if (copied.to === 'file') return `written to ${copied.path}, for this user only`;
        return copied.to === 'tmux'
          ? 'copied to the tmux buffer; paste it with prefix ]'
          : 'copied to the clipboard of the terminal';
      },
    },
    paths: paths(),
    profiles: new ProfileStore(),
    program: `aml-rollout ${__VERSION__}`,
    cwd: process.cwd(),
  });
  // A signal ends the program on whatever screen it is.
  session.setSummary(() => {
    const state = store.getState();
    return (state.leaving?.summary ?? summaryOf(state)).join('\n');
  });
  return new Promise<number>((resolve, reject) => {
    drawWizard(store, session, reject);
    const clock = setInterval(() => store.dispatch({ type: 'tick', now: Date.now() }), 1000);
    store.connect(runner.start, (state, before) => {
      runner.settle(state);
      announcer.show(announced(state, before));
      // Keys typed for a screen that is gone must not act on the next one.
      const moved =
        activeStep(state) !== activeStep(before) ||
        state.overlays.length !== before.overlays.length ||
        (state.task === undefined) !== (before.task === undefined);
      if (moved) session.keys.flush();
      if (!state.leaving || before.leaving) return;
      clearInterval(clock);
      const { code } = state.leaving;
      void runner.close().finally(() => resolve(code));
    });
    store.begin();
  });
}
