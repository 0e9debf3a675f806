/** What a row asks of either face of the program, and how a rollout ended there. */
import type { Stage } from './world.js';

export type FaceName = 'wizard' | 'run';

/**
 * What the end means, whichever face says it: of `run` its exit code, of the wizard what it asks or
 * shows when Enter does nothing more.
 */
export type Meaning =
  /** 0 */
  | 'promoted'
  /** 2: what was asked for can't be done */
  | 'refused'
  /** 3: a gate failed, and the split at the start is live */
  | 'stopped'
  /** 4: somebody has to look */
  | 'not rolled back'
  /** 5: not decided; the split stays */
  | 'held'
  /** 6: somebody else changed the endpoint */
  | 'changed elsewhere'
  /** 7 */
  | 'access'
  /** 8 */
  | 'approval'
  /** Neither ends nor asks. */
  | 'hangs'
  /** Any other end, such as a crash. */
  | `exit ${number}`;

export interface Face {
  readonly name: FaceName;
  /** Opens the program on the plan. */
  start(): Promise<void>;
  /** Goes on as the program recommends, until `seen` or until the program has come to rest. */
  until(seen: () => boolean | Promise<boolean>): Promise<void>;
  /** Goes on as the program recommends until it has come to rest. */
  rest(): Promise<Meaning>;
  /** Ends the rollout under way, as a person at this face does. */
  abort(): Promise<void>;
  /** Writes the report of a rollout that was aborted. */
  report(): Promise<void>;
  /** Stays after the end: Esc and Enter at the wizard, `status` and `resume` headless. Returns all
   * that is shown meanwhile. */
  linger(): Promise<string>;
  /** Asks for the plan's green, as it is on disk now, in place of one that was rejected. */
  replaceGreen(): Promise<void>;
  /** Ends a rollout whose green was rejected. */
  giveUp(): Promise<void>;
  /** Ends the program, and looks at the rollout again. Returns what is shown then. */
  reopen(): Promise<string>;
  /** The same, and goes on with what the plan waits for at this traffic weight approved. */
  reopenAndApprove(weight: number): Promise<void>;
  /** Everything that the program has said so far, or shows now. */
  says(): string;
  /** Ends the program, whatever it does. */
  close(): Promise<void>;
}

export type MakeFace = (stage: Stage) => Face;
