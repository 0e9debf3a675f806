import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { planMapping, type Mapping } from '../../../src/sampling/mapping.js';
import { scoringBody } from '../../../src/sampling/payload.js';
import { prepareRows } from '../../../src/sampling/prepare.js';
import { sampleRows, type RowSample } from '../../../src/sampling/sample.js';
import type { ColumnType, Signature, SignatureColumn } from '../../../src/sampling/signature.js';
import { guessTarget } from '../../../src/sampling/target.js';
import { growth, scratch } from './support.js';

const folder = scratch();
const heart = fileURLToPath(new URL('../../../samples/heart.csv', import.meta.url));

const input = (name: string, type: ColumnType = 'long', required = true): SignatureColumn => ({
  name,
  type,
  typeText: type,
  required,
});
const signature = (...inputs: SignatureColumn[]): Signature => ({ inputs, outputs: [] });
const tensor = (shape: number[], name?: string): SignatureColumn => ({
  ...(name !== undefined && { name }),
  type: 'double',
  typeText: `tensor(float64, [${shape.join(', ')}])`,
  required: true,
  shape,
});

/** A small file, all of it, in the order of the file. */
async function table(text: string): Promise<RowSample> {
  const sample = await sampleRows(folder.file('t.csv', text), { rows: 100, seed: 1 });
  return { ...sample, rows: sample.rows.sort((a, b) => a.rowNumber - b.rowNumber) };
}

const shown = (mapping: Mapping) =>
  mapping.lines.map((line) => `${line.wants?.name ?? '-'} ${line.has ?? '-'} ${line.action}`);

describe('guessTarget', () => {
  it.each<[string[], string[] | undefined, unknown]>([
    [['age', 'target'], ['age'], 'target'],
    [['age', 'died'], ['age'], 'died'],
    [['age', 'died', 'Label'], ['age'], 'Label'],
    [['Age', 'died'], ['age'], 'died'],
    [['y', 'x', 'z'], ['y', 'x'], 'z'],
    [['age', 'target'], undefined, 'target'],
    [['Unnamed: 0', 'age', 'died'], ['age'], 'died'],
    [['age', 'a', 'b'], ['age'], ['b', 'a']],
    [['age', 'label', 'target'], ['age'], ['label', 'target']],
    [['age', 'died'], undefined, ['died', 'age']],
    [['age'], ['age'], 'none'],
    [['id', 'age'], ['age'], 'none'],
  ])('of %j with inputs %j: %j', (columns, inputs, expected) => {
    const guess = guessTarget(columns, inputs);
    const seen =
      guess.kind === 'found' ? guess.column : guess.kind === 'ask' ? guess.candidates : guess.kind;
    expect(seen).toEqual(expected);
  });
});

describe('planMapping', () => {
  it('uses, renames, drops and sets aside', async () => {
    const sample = await table('AGE,serum chol,sex,id,note,target\n1,2,0,1,a,1\n');
    const inputs = [input('sex'), input('age'), input('serum_chol'), input('bmi', 'double', false)];
    const mapping = planMapping(signature(...inputs), sample);
    expect(shown(mapping)).toEqual([
      'sex sex use',
      'age AGE rename',
      'serum_chol serum chol rename',
      'bmi - leave-out',
      '- id drop',
      '- note drop',
      '- target target',
    ]);
    expect(mapping.lines.map((line) => line.because).slice(0, 3)).toEqual([
      'same name',
      'differs in upper and lower case',
      'nearly the same name',
    ]);
    expect(mapping.lines.filter((line) => line.suggested)).toHaveLength(3);
    expect(mapping).toMatchObject({ form: 'columns', target: 'target', problems: [] });
  });

  it('says what is missing, and stays unusable until it is mapped', async () => {
    const sample = await table('age,cholesterol,target\n1,2,0\n');
    const wanted = signature(input('age'), input('chol'));
    const mapping = planMapping(wanted, sample);
    expect(shown(mapping)).toContain('chol - missing');
    expect(mapping.problems).toEqual([expect.stringMatching(/^The CSV lacks chol, which/)]);
    expect(() => prepareRows(sample, mapping)).toThrow(/lacks chol/);

    const chosen = planMapping(wanted, sample, { renames: { chol: 'cholesterol' } });
    expect(shown(chosen)).toEqual(['age age use', 'chol cholesterol rename', '- target target']);
    expect(prepareRows(sample, chosen).rows[0]?.values).toEqual([1, 2]);
  });

  it('does not choose between two columns that are nearly the same', async () => {
    const mapping = planMapping(signature(input('age')), await table('Age,AGE\n1,2\n'));
    expect(shown(mapping)).toEqual(['age - missing', '- Age drop', '- AGE drop']);
  });

  it('does not give one column to two inputs', async () => {
    const sample = await table('AGE,target\n1,0\n');
    const mapping = planMapping(signature(input('age'), input('Age')), sample);
    expect(mapping.lines.filter((line) => line.has === 'AGE')).toHaveLength(1);
    expect(mapping.problems).toHaveLength(1);
  });

  it('takes the person’s word for target and renames', async () => {
    const sample = await table('age,a,b\n1,2,3\n');
    const asked = planMapping(signature(input('age')), sample);
    expect(asked.askTarget?.candidates).toEqual(['b', 'a']);
    expect(asked.target).toBeUndefined();
    const chosen = planMapping(signature(input('age')), sample, { target: 'a' });
    expect(shown(chosen)).toEqual(['age age use', '- b drop', '- a target']);
    expect(chosen.askTarget).toBeUndefined();
    const none = planMapping(signature(input('age')), sample, { target: null });
    expect(none.target).toBeUndefined();
    expect(none.askTarget).toBeUndefined();
    const refused = planMapping(signature(input('Age')), sample, { renames: { Age: null } });
    expect(shown(refused)[0]).toBe('Age - missing');
  });

  it('refuses choices that the file or the model does not know', async () => {
    const sample = await table('age,b\n1,2\n');
    const wanted = signature(input('age'), input('c'));
    const plan = (choices: Parameters<typeof planMapping>[2]) => () =>
      planMapping(wanted, sample, choices);
    expect(plan({ target: 'x' })).toThrow(/no column x for target. It has age and b/);
    expect(plan({ renames: { z: 'b' } })).toThrow(/no input named z/);
    expect(plan({ renames: { c: 'x' } })).toThrow(/no column x for c/);
    expect(plan({ target: 'b', renames: { c: 'b' } })).toThrow(/b is the target already/);
    expect(plan({ renames: { age: 'b', c: 'b' } })).toThrow(/b is another input already/);
  });

  it('asks for no column of an array, which no cell can hold', async () => {
    const sample = await table('b,target\n1,0\n');
    const array = { ...input('a', 'other'), typeText: 'array of double' };
    const optional = { ...input('o', 'other', false), typeText: 'object' };
    const problems = (...inputs: SignatureColumn[]) =>
      planMapping(signature(...inputs), sample).problems;
    const cannot = "The model's a is array of double; a CSV cell can't hold it.";
    expect(problems(array, input('b'), optional)).toEqual([cannot]);
    expect(problems(array, input('c'))).toEqual([
      expect.stringMatching(/^The CSV lacks c, which/),
      cannot,
    ]);
    const many = Array.from({ length: 5000 }, (_, at) => ({ ...array, name: `a${at}` }));
    const said = problems(...many);
    expect(said).toHaveLength(6);
    expect(said.at(-1)).toBe("A CSV cell can't hold 4,995 more of the model's columns either.");
  });

  it('guesses types where the model has no signature', async () => {
    const sample = await table(',age,oldpeak,thal,target\n0,63,2.5,fixed,1\n1,40,3,?,0\n');
    const mapping = planMapping(undefined, sample);
    const types = mapping.lines.flatMap(({ wants }) =>
      wants ? [`${wants.name} ${wants.type}`] : [],
    );
    expect(types).toEqual(['age long', 'oldpeak double', 'thal string']);
    expect(shown(mapping).slice(3)).toEqual(['- Unnamed: 0 drop', '- target target']);
  });

  it('fills a tensor by position, and only one that fits', async () => {
    const sample = await table('a,b,target\n1,2.5,1\n');
    const mapping = planMapping(signature(tensor([-1, 2])), sample);
    expect(mapping).toMatchObject({ form: 'tensor', target: 'target', problems: [] });
    const prepared = prepareRows(sample, mapping);
    expect(scoringBody(prepared, prepared.rows)).toEqual({ input_data: [[1, 2.5]] });

    const problems = (...inputs: SignatureColumn[]) =>
      planMapping(signature(...inputs), sample).problems;
    expect(problems(tensor([-1, 3]))).toEqual([
      expect.stringMatching(/takes 3 values a row.*2 col/),
    ]);
    expect(problems(tensor([-1, 28, 28]))).toEqual([expect.stringMatching(/can't fill/)]);
    expect(problems(tensor([-1], 'a'), tensor([-1, 4], 'b'))).toEqual([
      expect.stringMatching(/model's b is tensor.*can't hold/),
    ]);
    expect(problems(tensor([-1, 1], 'a'))).toEqual([]);
  });
});

describe('prepareRows', () => {
  it('carries the sample data to a request as Azure reads it', async () => {
    const sample = await sampleRows(heart, { rows: 5, seed: 4711 });
    const inputs = sample.file.columns
      .filter((column) => column !== 'target')
      .map((name) =>
        input(name, ({ oldpeak: 'double', thal: 'string' }[name] as ColumnType) ?? 'long'),
      );
    const prepared = prepareRows(sample, planMapping(signature(...inputs), sample));
    expect(prepared.failures).toEqual([]);
    expect(prepared.rows.map((row) => row.rowNumber)).toEqual(sample.rows.map((r) => r.rowNumber));
    const body = scoringBody(prepared, prepared.rows);
    expect(body).toEqual({
      input_data: {
        columns: inputs.map((one) => one.name),
        index: [0, 1, 2, 3, 4],
        data: sample.rows.map((row) =>
          row.cells.slice(0, 13).map((cell, at) => (at === 12 ? cell : Number(cell))),
        ),
      },
    });
    expect(prepared.rows.map((row) => row.truth)).toEqual(sample.rows.map((row) => row.cells[13]));
  });

  it('orders the values as the model names them, not as the file does', async () => {
    const sample = await table('b,x,a,target\n1,9,2,0\n3,9,4,1\n');
    const prepared = prepareRows(sample, planMapping(signature(input('a'), input('b')), sample));
    expect(prepared.columns).toEqual(['a', 'b']);
    expect(prepared.rows).toEqual([
      { rowNumber: 1, values: [2, 1], truth: '0' },
      { rowNumber: 2, values: [4, 3], truth: '1' },
    ]);
  });

  it('leaves out rows with a cell that does not fit, and says which cell', async () => {
    const sample = await table('age,sex,target\n1,0,1\nold\x1b[2J,2.5,1\n,1,\n4,1,\n');
    const prepared = prepareRows(
      sample,
      planMapping(signature(input('age'), input('sex')), sample),
    );
    expect(prepared.rows).toEqual([
      { rowNumber: 1, values: [1, 0], truth: '1' },
      { rowNumber: 4, values: [4, 1] },
    ]);
    expect(prepared.failures.map((failure) => failure.message)).toEqual([
      'Row 2, column age: "old [2J" is not a whole number.',
      'Row 2, column sex: "2.5" is not a whole number.',
      "Row 3, column age: an empty cell is missing, and a required long can't be. " +
        'Fill it in or leave the row out.',
    ]);
  });

  it('sends null for a missing double, and leaves the column out for a missing long', async () => {
    const sample = await table('a,b,target\n?,NA,1\n');
    const wanted = signature(input('a', 'double'), input('b', 'long', false));
    const prepared = prepareRows(sample, planMapping(wanted, sample));
    expect(prepared.rows[0]?.values).toEqual([null, undefined]);
    expect(scoringBody(prepared, prepared.rows)).toEqual({
      input_data: { columns: ['a'], index: [0], data: [[null]] },
    });
  });
});

describe('a mapping of ten times the columns takes about ten times as long', () => {
  const many = (n: number) => Array.from({ length: n }, (_, at) => `column ${at}`);

  it.each<[string, (n: number) => Mapping]>([
    [
      'by position',
      (n) => {
        const unnamed = many(n).map((): SignatureColumn => {
          return { type: 'long', typeText: 'long', required: true };
        });
        return planMapping(signature(...unnamed), { file: { columns: many(n) }, rows: [] });
      },
    ],
    [
      'with a rename for each',
      (n) => {
        const columns = many(n).map((name) => `${name}!`);
        const renames = Object.fromEntries(many(n).map((name) => [name, `${name}!`]));
        const inputs = many(n).map((name) => input(name));
        return planMapping(signature(...inputs), { file: { columns }, rows: [] }, { renames });
      },
    ],
    [
      'of inputs that no cell can hold',
      (n) => {
        const inputs = many(n).map((name) => input(name, 'other'));
        return planMapping(signature(...inputs), { file: { columns: ['a'] }, rows: [] });
      },
    ],
  ])('%s', async (_, plan) => {
    expect(plan(20).lines.length).toBeGreaterThanOrEqual(20);
    expect(await growth(1_500, plan)).toBeLessThan(40);
  });
});
