/** `aml-rollout`: the wizard. Prepares the terminal, then loads Ink. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option, type Command } from 'commander';
import { isInteractive, prepareEnvironment, wantsScreenReader } from '../terminal/environment.js';
import { EXIT } from '../terminal/exit-codes.js';
import type { SandboxProcess } from './sandbox-process.js';
import { sandboxArgs, type SandboxFlags } from './sandbox-flags.js';

declare const __VERSION__: string;

interface WizardFlags extends SandboxFlags {
  inline?: true;
  debug?: true;
  withoutTerminal?: string;
}

const SAMPLES = fileURLToPath(new URL('../samples', import.meta.url));
/** A kept blue is proposed to live this long. */
const KEEP_DAYS = 7;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function registerWizard(program: Command): void {
  program
    .command('wizard', { isDefault: true })
    .description('the rollout, step by step, by keyboard (what runs without a command)')
    .option('--inline', 'draw on the normal screen, so that all stays in the scrollback')
    .option('--debug', 'show stack traces')
    .option('--sandbox', 'accepted for scripts: the sandbox is on the start screen anyway')
    .option('--fresh', 'start the sandbox over with an empty workspace')
    .option('--time-scale <factor>', "multiply the sandbox's waiting times")
    .option('--realistic', "let the sandbox take Azure's own times")
    .addOption(
      new Option(
        '--without-terminal <plan>',
        'carry this plan out on the sandbox where no terminal is attached',
      ).hideHelp(),
    )
    .action(async (flags: WizardFlags) => {
      if (flags.withoutTerminal !== undefined && !isInteractive()) {
        const { start } = await import('./run.js');
        await start('run', flags.withoutTerminal, { ...flags, sandbox: true, yes: true });
      } else process.exitCode = await run(flags);
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
      (session) => draw(session, sandbox),
    );
  } finally {
    sandbox.stop();
  }
}

function initialState(now: number) {
  const suffix = Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  const keepUntil = new Date(now + KEEP_DAYS * 86_400_000).toISOString().slice(0, 10);
  return {
    now,
    startedAt: now,
    defaults: {
      endpoint: `heart-classifier-${suffix}`,
      blueFolder: join(SAMPLES, 'heart-classifier', 'v1'),
      newFolder: join(SAMPLES, 'heart-classifier', 'v2'),
      csv: join(SAMPLES, 'heart.csv'),
      seed: 4711,
      keepUntil,
    },
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
): Promise<number> {
  const [{ drawWizard }, { Store }, { Runner }, { ProfileStore }, { paths }] = await Promise.all([
    import('../../screens/draw.js'),
    import('../wizard/store.js'),
    import('../wizard/runner.js'),
    import('../profiles/store.js'),
    import('../profiles/paths.js'),
  ]);
  const { activeStep } = await import('../wizard/navigation.js');
  const { copyText } = await import('../terminal/clipboard.js');
  const store = new Store(initialState(Date.now()));
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
        return copied.to === 'terminal'
          ? 'copied'
          : `written to ${copied.path}, for this user only`;
      },
    },
    paths: paths(),
    profiles: new ProfileStore(),
    program: `aml-rollout ${__VERSION__}`,
    cwd: process.cwd(),
  });
  let summary: string[] = [];
  session.setSummary(() => summary.join('\n'));
  return new Promise<number>((resolve, reject) => {
    drawWizard(store, session, reject);
    const clock = setInterval(() => store.dispatch({ type: 'tick', now: Date.now() }), 1000);
    store.connect(runner.start, (state, before) => {
      runner.settle(state);
      // Keys typed for a screen that is gone must not act on the next one.
      const moved =
        activeStep(state) !== activeStep(before) ||
        state.overlays.length !== before.overlays.length ||
        (state.task === undefined) !== (before.task === undefined);
      if (moved) session.keys.flush();
      if (!state.leaving || before.leaving) return;
      clearInterval(clock);
      summary = state.leaving.summary;
      const { code } = state.leaving;
      void runner.close().finally(() => resolve(code));
    });
    store.begin();
  });
}
