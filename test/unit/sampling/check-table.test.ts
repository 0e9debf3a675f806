import { describe, expect, it } from 'vitest';
import { plannedChoices, tableProblems } from '../../../src/sampling/check-table.js';
import type { Signature } from '../../../src/sampling/signature.js';
import { scratch } from './support.js';

const folder = scratch();
const signature: Signature = {
  inputs: [
    { name: 'age', type: 'long', typeText: 'long', required: true },
    { name: 'sex', type: 'long', typeText: 'long', required: true },
  ],
  outputs: [],
};
const problems = (text: string, of: Signature | undefined, target?: string) =>
  tableProblems(folder.file('t.csv', text), of, plannedChoices({ target }));

describe('tableProblems', () => {
  it('is silent where the header has what the model takes', async () => {
    expect(await problems('age,sex,target\n', signature)).toEqual([]);
    expect(await problems('a,b\n', undefined, 'b')).toEqual([]);
    expect(await problems('a,b\n', undefined, '-')).toEqual([]);
  });

  it('names the column that the CSV lacks', async () => {
    expect(await problems('age,target\n', signature)).toEqual([
      't.csv does not fit the model.',
      'The CSV lacks sex, which the model requires. Rename a column to it, or choose another CSV.',
    ]);
  });

  it('takes the plan’s word for another column', async () => {
    const path = folder.file('t.csv', 'years,sex,target\n');
    const choices = plannedChoices({ renames: { age: 'years' } });
    expect(await tableProblems(path, signature, choices)).toEqual([]);
  });

  it('asks for the target', async () => {
    expect(await problems('a,b,c,d,e,f,g\n', undefined)).toEqual([
      'Which column of t.csv is the target (the model does not name its inputs)? Name it in the plan as evidence.target, or "-" for none; it may be g or f or e or d or c, or another.',
    ]);
    await expect(problems('a,b\n', undefined, 'c')).rejects.toThrow('The CSV has no column c');
  });
});
