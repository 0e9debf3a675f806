/** Rows on which the two deployments answered unlike. */
import type { Tested, TestedRow } from '../../src/wizard/effects/shown.js';

export interface ShownDifference {
  number: number;
  blue: string;
  green: string;
  truth?: string;
  rightOne?: TestedRow['rightOne'];
}

export function differing(tested: Tested, blue: string, green: string): ShownDifference[] {
  const wanted = new Set(tested.result.differing);
  return tested.rows
    .filter((row) => wanted.has(row.number))
    .map((row) => ({
      number: row.number,
      blue: row.answers[blue]?.text ?? 'no answer',
      green: row.answers[green]?.text ?? 'no answer',
      ...(row.truth !== undefined && { truth: row.truth }),
      ...(row.rightOne && { rightOne: row.rightOne }),
    }));
}
