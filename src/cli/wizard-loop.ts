/** The wizard with all that its screens take: the bundle keeps it in one file. */
import { drawWizard } from '../../screens/draw.js';
import { paths } from '../profiles/paths.js';
import { ProfileStore } from '../profiles/store.js';
import { Announcer } from '../terminal/announce.js';
import { copyText } from '../terminal/clipboard.js';
import type { TerminalSession } from '../terminal/lifecycle.js';
import { announced } from '../wizard/announcement.js';
import { summaryOf } from '../wizard/leaving.js';
import { activeStep } from '../wizard/navigation.js';
import { Runner } from '../wizard/runner.js';
import type { State } from '../wizard/state.js';
import { Store } from '../wizard/store.js';
import { SandboxProcess } from './sandbox-process.js';
import type { FirstFrame, WizardOptions } from './wizard-session.js';

declare const __VERSION__: string;

/** A slow disk is not waited for longer: the screen then says that it reads. */
const LISTS_WITHIN_MS = 100;
/** What asks for a newer version takes a while to load, which the first keys do not wait for. */
const UPDATES_AFTER_MS = 2_000;

export async function runWizard(
  state: State,
  session: TerminalSession,
  options: WizardOptions,
  first?: FirstFrame,
): Promise<number> {
  const sandbox = new SandboxProcess(options.sandbox);
  try {
    return await run(state, session, sandbox, options, first);
  } finally {
    sandbox.stop();
  }
}

async function run(
  initial: State,
  session: TerminalSession,
  sandbox: SandboxProcess,
  { bell, updates }: WizardOptions,
  first?: FirstFrame,
): Promise<number> {
  const announcer = new Announcer(session.stdout, { bell });
  session.onLeave(() => announcer.end());
  const store = new Store(initial);
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
    lists: first?.lists,
  });
  const leaving = new AbortController();
  session.onLeave(() => leaving.abort());
  let update: string | undefined;
  const askForUpdate = async (): Promise<void> => {
    const { updateNotice } = await import('./update-notice.js');
    update = await updateNotice({
      version: __VERSION__,
      stamp: paths().updateAsked,
      registry: process.env['npm_config_registry'],
      signal: leaving.signal,
    });
  };
  // A signal ends the program on whatever screen it is.
  session.setSummary(() => {
    const state = store.getState();
    const lines = state.leaving?.summary ?? summaryOf(state);
    return [...lines, ...(update === undefined ? [] : [update])].join('\n');
  });
  return new Promise<number>((resolve, reject) => {
    let drawn = false;
    const drawOnce = (): void => {
      if (drawn) return;
      drawn = true;
      clearTimeout(late);
      drawWizard(store, session, reject, first?.redraw);
      if (updates) setTimeout(() => void askForUpdate(), UPDATES_AFTER_MS).unref();
    };
    // The start screen's lists are read from this disk: drawn with them, the first frame is the whole screen.
    const late = setTimeout(drawOnce, LISTS_WITHIN_MS);
    const clock = setInterval(() => store.dispatch({ type: 'tick', now: Date.now() }), 1000);
    store.connect(runner.start, (state, before) => {
      runner.settle(state);
      announcer.show(announced(state, before));
      if (before.runs['loadStart'] !== undefined && state.runs['loadStart'] === undefined)
        drawOnce();
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
