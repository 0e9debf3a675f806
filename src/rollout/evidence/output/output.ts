/** What the answers of a model are, and how right answers are read from them. */
import { listed } from '../../../sampling/input-error.js';
import type { Signature } from '../../../sampling/signature.js';
import type { Meaning } from './meaning.js';
import { isRecord } from './values.js';

/**
 * `labels`: classes. `scores`: one score, or one a class. `numbers`: one number. `vectors`: several
 * numbers, lists or records of them, always as many. `text`: free text. `lists`: of varying length.
 * `records`: objects of which nobody said what to read. `unreadable`: no form that all have.
 */
type OutputKind =
  'labels' | 'scores' | 'numbers' | 'vectors' | 'text' | 'lists' | 'records' | 'unreadable';

export interface Output {
  kind: OutputKind;
  /** Member that holds the answer; of a list, its position. */
  label?: string;
  /** Member that holds the scores. */
  score?: string;
  /** The class of each score or index, in order. */
  classes?: readonly string[];
  /** The file of the model that names them. */
  classesFrom?: string;
  /** A list or record of one member stands for that member. */
  single?: boolean;
  /** The only member of each record, of which everything else here is said. */
  wrapper?: string;
  /** Why right answers can't be counted, and what to do. A sentence or two. */
  problem?: string;
  /** Classes in the order that a person may confirm. */
  proposal?: readonly string[];
}

export interface SeenAnswers {
  /** Of blue, those that are not missing. */
  values: readonly unknown[];
  /** Targets of the file, each once, in sorted order. */
  truths: readonly string[];
  /** Target of each value. */
  told: readonly (string | undefined)[];
  meaning: Meaning;
  modelClasses?: ModelClasses | undefined;
}

/** From the model's own files. */
export type ModelClasses = Pick<Signature, 'classes' | 'classesFrom'>;

/** Of answers that no gate can hold against a target. With one gate off the other is an error. */
export const NOT_JUDGED =
  'set the gate accuracy to warn, or both accuracy and absoluteError to off.';

export function unreadable({ values }: SeenAnswers): Output {
  const forms = new Set(
    values.map((each) =>
      Array.isArray(each) ? 'a list' : isRecord(each) ? 'a record' : `a ${typeof each}`,
    ),
  );
  const problem = `Blue answers in more than one form (${listed([...forms])}), so right answers can't be counted: ${NOT_JUDGED}`;
  return { kind: 'unreadable', problem };
}
