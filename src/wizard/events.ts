/** What the reducer hears of: keys, ticks, and the results of the commands that it asked for. */
import type { AzureFailure } from '../azure/types.js';
import type { Change } from '../rollout/changes/change.js';
import type { Live } from '../rollout/moves/watch-live.js';
import type { AnswerOf, CommandName } from './effects/index.js';
import type { Opened } from './effects/world.js';
import type { KeyPress } from './keys.js';
import type { Phase } from './state.js';

/** How far a running command is. */
export type CommandProgress =
  | { kind: 'count'; done: number; total: number; unit: string }
  | { kind: 'accepted' }
  | { kind: 'title'; title: string; change?: Change; usualSeconds?: number; deployment?: string }
  | { kind: 'phases'; phases: Phase[] }
  | { kind: 'message'; text: string }
  | { kind: 'live'; live: Live; opened?: Opened };

/** A failure plus what was found out about it meanwhile. */
export interface CommandFailure {
  failure: AzureFailure;
  /** The state after it, when it could be observed. */
  opened?: Opened;
  deployment?: string;
  log?: string;
  phases?: Phase[];
}

export type WizardEvent =
  | { type: 'key'; key: KeyPress }
  | { type: 'chosen'; list: string; value: string }
  | { type: 'highlighted'; list: string; value: string }
  | { type: 'tick'; now: number }
  /** Of something that nobody waits for. */
  | { type: 'told'; text: string }
  | { type: 'signal'; signal: 'interrupt' }
  | { type: 'progress'; run: number; do: CommandName; progress: CommandProgress }
  | { type: 'failed'; run: number; do: CommandName; failed: CommandFailure }
  | {
      [K in CommandName]: { type: 'answered'; run: number; do: K; answer: AnswerOf<K> };
    }[CommandName];
