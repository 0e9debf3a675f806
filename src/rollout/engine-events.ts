import type { AzureFailure } from '../azure/types.js';
import type { Change, Progress } from './changes/change.js';
import type { JournalEvent } from './journal/journal.js';
import type { Snapshot } from './snapshot.js';
import type { Split } from '../common/split.js';

/** What the wizard, the headless run and the command log are told, as it happens. */
export type EngineEvent =
  | { type: 'observed'; snapshot: Snapshot }
  | { type: 'begun'; id: number; change: Change; title: string }
  | { type: 'progress'; id: number; progress: Progress }
  | { type: 'confirmed'; id: number; change: Change; title: string; seconds: number }
  | { type: 'failed'; id: number; change: Change; title: string; failure: AzureFailure }
  /** The person stopped waiting; Azure goes on. */
  | { type: 'left'; id: number; change: Change; title: string }
  | { type: 'settling'; title: string }
  | { type: 'aborting' }
  | { type: 'aborted'; restored: Split }
  | { type: 'journaled'; event: JournalEvent['event'] };

export type Listener = (event: EngineEvent) => void;
