/** What a plan says of the answers, for what can't be known from looking at them. */

import { ROUNDING, type Tolerance } from './same.js';

/** What `evidence.output` may say. Without it, the answers of blue and the file's target decide. */
export const OUTPUTS = ['auto', 'labels', 'scores', 'numbers', 'text'] as const;

export interface Meaning {
  output?: (typeof OUTPUTS)[number];
  /** The class of each score in its order, or of each index: as the file's target has them. */
  classes?: readonly string[];
  /** Member of a record, or position in a list from 0, that is the answer. */
  label?: string;
  /** Member of a record that holds the score or scores. */
  score?: string;
  /** The file's column with the truth, where one is named. */
  target?: string;
  /** Numbers are the same within absolute + relative * |blue|. */
  tolerance?: Tolerance;
}

/** The members of a plan's `evidence` that say it. */
export type PlannedMeaning = Pick<Meaning, 'output' | 'classes' | 'label' | 'score'>;

/** Of all that a plan says of its rows. */
export function plannedMeaning({ output, classes, label, score }: PlannedMeaning): PlannedMeaning {
  return {
    ...(output !== undefined && { output }),
    ...(classes !== undefined && { classes }),
    ...(label !== undefined && { label }),
    ...(score !== undefined && { score }),
  };
}

/** @param tolerance of the gate that compares numbers: a row differs where it says so */
export function meaningOf(
  planned: PlannedMeaning = {},
  target?: string,
  { absolute, relative }: Tolerance = ROUNDING,
): Meaning {
  return {
    ...plannedMeaning(planned),
    ...(target !== undefined && { target }),
    tolerance: { absolute, relative },
  };
}

/** `evidence.classes: [1, 2, 3]`, ready to be put into a plan. */
export const classesLine = (classes: readonly string[]): string =>
  `evidence.classes: [${classes.map(yamlWord).join(', ')}]`;

/** Words that YAML reads as they are; all others in quotes. */
const yamlWord = (text: string): string =>
  /^(?!(?:true|false|yes|no|on|off|null|~)$)[\p{L}\p{N}_.][\p{L}\p{N}_. -]*$/iu.test(text) &&
  text === text.trim()
    ? text
    : JSON.stringify(text);
