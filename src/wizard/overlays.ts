/** What lies on top of a step and takes the keys until it is closed. */
import type { Split } from '../azure/types.js';
import type { Judgement } from '../rollout/journal-entry.js';
import type { Change } from '../rollout/changes/change.js';
import type { Command } from './commands.js';

export type Dialect = 'az' | 'python' | 'mlflow';

export type Overlay =
  | { kind: 'help'; offset: number }
  | {
      kind: 'command';
      dialect: Dialect;
      changes: readonly Change[];
      /** Whether Enter would send the changes, they are on their way, or were sent last. */
      when: 'to send' | 'sending' | 'sent';
      offset: number;
    }
  | {
      kind: 'logs';
      deployment: string;
      container: 'inference-server' | 'storage-initializer';
      text?: string;
      /** Lines scrolled up from the end. */
      offset: number;
    }
  /** Deleting anything wants its name typed. */
  | {
      kind: 'type-name';
      title: string;
      lines: readonly string[];
      name: string;
      typed: string;
      then: Command;
      task: string;
    }
  /** One confirm; the cursor is on `yes` only where that is the safe way. */
  | {
      kind: 'confirm';
      title: string;
      lines: readonly string[];
      choices: readonly { value: string; label: string }[];
      /** What each choice does; a value without an entry only closes. */
      then: Partial<Record<string, Command>>;
      /** What the task line says while the chosen command runs. */
      task: string;
    }
  /** Going on in spite of a gate wants a reason, which goes to the journal. */
  | {
      kind: 'reason';
      title: string;
      lines: readonly string[];
      typed: string;
      stage: Judgement['stage'];
    }
  | { kind: 'stop'; at: number }
  /** Ends the program, or with `to` only closes the workspace. */
  | { kind: 'leave'; to?: 'start'; notice?: string }
  /** Percent: green's share to stage, or its mirrored share. */
  | { kind: 'number'; typed: string; of: 'share' | 'mirror' }
  | { kind: 'plan'; typed: string; problem?: string }
  | { kind: 'rows'; offset: number }
  | { kind: 'message'; title: string; lines: readonly string[] };

export type { Split };
