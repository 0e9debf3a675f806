/** What lies on top of a step and takes the keys until it is closed. */
import type { LanguageId } from '../interop/languages/index.js';
import type { ProofPlan } from '../rollout/plan/proof.js';
import type { Change } from '../rollout/changes/change.js';
import type { Command } from './effects/index.js';
import type { Form } from './form.js';
import type { PlanFile } from './plan.js';
import type { TypedExceptions } from './plan-form.js';

/** What a reason can be given for. */
type Reasoned =
  Extract<Command, { do: 'override' | 'usePlan' | 'endHold' }> extends infer C
    ? C extends Command
      ? Omit<C, 'reason'> & { do: C['do'] }
      : never
    : never;

/** Text being typed into an overlay; the cursor is at its end unless it was moved. */
interface TypedInto {
  typed: string;
  cursor?: number;
  /** What is wrong with it, until it is changed. */
  error?: string;
}

export type Overlay =
  | { kind: 'help' }
  | {
      kind: 'command';
      language: LanguageId;
      changes: readonly Change[];
      /** Whether Enter would send the changes, they are on their way, or were sent last. */
      when: 'to send' | 'sending' | 'sent';
    }
  | {
      kind: 'logs';
      deployment: string;
      container: 'inference-server' | 'storage-initializer';
      text?: string;
    }
  /** Deleting anything wants its name typed. */
  | ({
      kind: 'type-name';
      title: string;
      lines: readonly string[];
      name: string;
      then: Command;
      task: string;
    } & TypedInto)
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
  /** Going past a gate or a hold requires a reason, which goes into the journal. */
  | ({
      kind: 'reason';
      title: string;
      lines: readonly string[];
      /** What is done with the reason. */
      then: Reasoned;
    } & TypedInto)
  /** Someone else changed the endpoint: nothing is sent before a person decides. */
  | { kind: 'drift'; sentence: string; choices: readonly { value: string; label: string }[] }
  | { kind: 'stop'; at: number }
  /** Ends the program, or with `to` only closes the workspace. */
  | { kind: 'leave'; to?: 'start'; notice?: string }
  /** Percent: green's share to stage, or its mirrored share. */
  | ({ kind: 'number'; of: 'share' | 'mirror' } & TypedInto)
  | {
      kind: 'plan';
      form: Form;
      /** What the form was made from. */
      base: ProofPlan;
      /** Exceptions as typed, those of steps too that are just being typed over. */
      exceptions: TypedExceptions;
      /** The file it was read from, while nothing was changed since. */
      file?: PlanFile['file'];
    }
  /** `offset`: the row under the cursor; `open`: with what was sent. */
  | { kind: 'rows'; offset: number; open?: true }
  | { kind: 'message'; title: string; lines: readonly string[] };
