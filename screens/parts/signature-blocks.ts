/** What a model takes and returns, column by column, beside blue's model. */
import type { ModelLook } from '../../src/wizard/effects/models.js';
import { foldedTable, tableBlock, type Block } from './blocks.js';

type Side = 'inputs' | 'outputs';

/** Column by column, those of blue's model that it has not too. */
function columnRows(look: ModelLook, blue: ModelLook | undefined, side: Side): string[][] {
  const [own, others] = [look, blue].map(
    (each) => new Map(each?.[side].map(({ name, type }) => [name, type])),
  );
  const optional = new Set(
    look.signature?.[side].flatMap(({ name, required }) => (required ? [] : [name])),
  );
  const names = [...new Set([...own!.keys(), ...others!.keys()])];
  return names.map((name) => [
    name,
    own!.get(name) ?? '-',
    own!.has(name) ? (optional.has(name) ? 'no' : 'yes') : '-',
    ...(blue ? [others!.get(name) ?? '-'] : []),
  ]);
}

/** Of inputs, which many rows fold to fit so many, and of outputs where rows are left. */
export function signatureBlocks(
  look: ModelLook,
  blue: ModelLook | undefined,
  width: number,
  rows: number,
): Block[] {
  const head = (title: string): string[] => [title, 'type', 'required', ...(blue ? ['BLUE'] : [])];
  const inputs = foldedTable(head('takes'), columnRows(look, blue, 'inputs'), width, rows);
  const outputs = tableBlock(head('returns'), columnRows(look, blue, 'outputs'), width);
  // The outputs alone are in the review already.
  return inputs.length === 0 ? [] : [...inputs, ...outputs];
}
