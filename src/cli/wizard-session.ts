/** The wizard up to its first frame; what that does not show is loaded after it. */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { drawFirst } from '../../screens/first.js';
import type { Redraw } from '../../screens/ink-screen.js';
import { paths, settingsPath } from '../profiles/paths.js';
import type { Profile } from '../profiles/profile.js';
import { withTerminal, type TerminalSession } from '../terminal/lifecycle.js';
import { keepMemorySmall } from '../terminal/small-memory.js';
import { startInfo, type StartInfo } from '../wizard/effects/start.js';
import type { Defaults, State } from '../wizard/state.js';
import { firstItem } from '../wizard/steps/open-workspace.js';

export type NamedOnCommandLine = Pick<
  Defaults,
  'planFile' | 'profile' | 'endpointFile' | 'deploymentFile'
>;

export interface WizardOptions {
  inline: boolean;
  spoken: boolean;
  debug: boolean;
  bell: boolean;
  /** Whether to ask for a newer version. */
  updates: boolean;
  /** Arguments of the sandbox, where it is started. */
  sandbox: string[];
  named: NamedOnCommandLine;
}

export interface FirstFrame {
  /** Draws in its place. */
  redraw: Redraw;
  lists: StartInfo;
}

const SAMPLES = fileURLToPath(new URL('../samples', import.meta.url));
/** A kept blue is proposed to live this long. */
const KEEP_DAYS = 7;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** A slow disk is not waited for longer: the first frame is then drawn with all of the wizard loaded. */
const LISTS_WITHIN_MS = 100;

export async function openWizard(options: WizardOptions): Promise<number> {
  const { inline, spoken, debug, named } = options;
  const crashFolder = paths().logs;
  return withTerminal({ inline, spoken, debug, crashFolder }, async (session) => {
    const state = initialState(Date.now(), named);
    // Read out, it would be told twice.
    const first = spoken ? undefined : await firstFrame(state, session);
    keepMemorySmall();
    const { runWizard } = await import('./wizard-loop.js');
    return runWizard(state, session, options, first);
  });
}

/**
 * Draws the start screen as it will be: with its lists, so that nothing of it changes afterwards.
 * @returns `undefined` where the lists are not there at once
 */
async function firstFrame(state: State, session: TerminalSession): Promise<FirstFrame | undefined> {
  const found = await Promise.race([
    lists().catch(() => undefined),
    wait(LISTS_WITHIN_MS, undefined, { ref: false }),
  ]);
  // What must be told, and a file that must be repaired, are for the whole wizard.
  if (!found || found.notices.length > 0) return undefined;
  const highlighted = firstItem(found);
  const workspace = { mode: 'list' as const, filtering: false, info: found, highlighted };
  const onError = (error: unknown): never => {
    throw error;
  };
  const redraw = drawFirst({ state: { ...state, screens: { workspace } }, onError }, session);
  return { redraw, lists: found };
}

async function lists(): Promise<StartInfo | undefined> {
  const path = settingsPath(paths().config);
  const profiles = existsSync(path) ? await profilesIn(path) : [];
  if (!profiles) return undefined;
  const saved = { list: () => profiles, notices: [] };
  return startInfo({ paths: paths(), profiles: saved, cwd: process.cwd() });
}

async function profilesIn(path: string): Promise<Profile[] | undefined> {
  const { savedProfiles } = await import('../wizard/effects/saved.js');
  return savedProfiles(path);
}

function initialState(now: number, { planFile, ...named }: NamedOnCommandLine): State {
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
    implied: 'workspace',
    shown: [],
    screens: {},
    overlays: [],
    log: [],
    runs: {},
    lastRun: 0,
  };
}
