/** Files and signatures from public reports; what MLflow 3.17 and pandas 3.1 take is noted beside. */
import { describe, expect, it } from 'vitest';
import { planMapping } from '../../../src/sampling/mapping.js';
import type { MappingChoices } from '../../../src/sampling/mapping-choices.js';
import { parseMlmodel } from '../../../src/sampling/mlmodel.js';
import { scoringBody } from '../../../src/sampling/payload.js';
import { prepareRows, type PrepareOptions } from '../../../src/sampling/prepare.js';
import { sampleRows, type RowSample } from '../../../src/sampling/sample.js';
import { diffSignatures, type Signature } from '../../../src/sampling/signature.js';
import { scratch } from './support.js';

const folder = scratch();

/** A small file, all of it, in the order of the file. */
async function table(text: string): Promise<RowSample> {
  const sample = await sampleRows(folder.file('t.csv', text), { rows: 100, seed: 1 });
  return { ...sample, rows: sample.rows.sort((a, b) => a.rowNumber - b.rowNumber) };
}

function signatureOf(inputs: unknown[]): Signature {
  const text = `flavors:\n  python_function: {}\nsignature:\n  inputs: '${JSON.stringify(inputs)}'\n`;
  const { signature } = parseMlmodel(text, 'MLmodel');
  if (!signature) throw new Error('no signature');
  return signature;
}

async function prepared(
  text: string,
  inputs?: unknown[],
  choices: MappingChoices = {},
  options: PrepareOptions = {},
) {
  const sample = await table(text);
  const mapping = planMapping(inputs && signatureOf(inputs), sample, choices);
  expect(mapping.problems).toEqual([]);
  const rows = prepareRows(sample, mapping, options);
  return {
    ...rows,
    mapping,
    bodies: rows.rows.map((row) => scoringBody(rows, [row]).input_data),
  };
}

describe('a signature whose names are numbers', () => {
  const inputs = [
    { type: 'double', name: 0 },
    { type: 'double', name: 1 },
  ];

  it('is filled by the header’s numbers, and the request has numbers too', async () => {
    const { bodies, rows } = await prepared('0,1,y\n1,2,7\n', inputs);
    // MLflow: "0" is an extra input, 0 a missing one.
    expect(bodies).toEqual([{ columns: [0, 1], index: [0], data: [[1, 2]] }]);
    expect(rows[0]?.truth).toBe('7');
  });

  it('differs from one whose names are those digits as text', () => {
    const text = signatureOf([{ type: 'double', name: '0' }]);
    const diff = diffSignatures(text, signatureOf([{ type: 'double', name: 0 }]));
    expect(diff).toMatchObject({ same: false, breaks: true });
  });
});

describe('a signature without names', () => {
  it.each([
    [[{ type: 'string' }], 'text,label\nso good,1\n', [['so good']]],
    [[{ type: 'string' }], 'id,text,label\n7,so good,1\n', [['so good']]],
    [[{ type: 'string' }], ',text,label\n0,so good,1\n', [['so good']]],
    [[{ type: 'string' }], 'text\nso good\nbad\n', [['so good'], ['bad']]],
    [[{ type: 'double' }, { type: 'long' }], 'a,b,y\n1,2,0\n', [[1, 2]]],
  ])('%j is filled by position from %j', async (inputs, text, data) => {
    const { bodies } = await prepared(text, inputs);
    expect(bodies.map((body) => 'data' in body && body.data[0])).toEqual(data);
  });

  it('needs as many columns as it has inputs', async () => {
    const sample = await table('text,lang,label\nso good,en,1\n');
    expect(planMapping(signatureOf([{ type: 'string' }]), sample).problems).toEqual([
      'The model takes 1 value a row by position, the CSV has 2 columns beside the target (text and lang). ' +
        'Choose the target, or a CSV with exactly those columns.',
    ]);
    const lists = signatureOf([{ type: 'array', items: { type: 'double' } }]);
    expect(planMapping(lists, await table('a,y\n1,0\n')).problems).toEqual([
      "The model takes array of double; a CSV cell can't hold it.",
    ]);
  });
});

describe('an optional column with an empty cell', () => {
  it.each(['long', 'integer', 'boolean', 'binary'])(
    'of type %s is left out of that request, and this is said',
    async (type) => {
      const inputs = [
        { type: 'double', name: 'a', required: true },
        { type, name: 'o', required: false },
      ];
      const { bodies, failures, notes, rows, columns, form } = await prepared(
        'a,o,y\n1,1,0\n2,,0\n3,NA,1\n',
        inputs,
      );
      expect(failures.map((failure) => failure.rowNumber)).toEqual(type === 'binary' ? [1] : []);
      const gaps = bodies.slice(-2);
      // MLflow 3.17: null is refused, or read as False; without the column the request is served.
      expect(gaps).toEqual([
        { columns: ['a'], index: [0], data: [[2]] },
        { columns: ['a'], index: [0], data: [[3]] },
      ]);
      expect(notes).toEqual([
        "2 cells of o: the cell is empty, and the optional column is left out of the row's request.",
      ]);
      // One request for several rows has one set of columns.
      expect(scoringBody({ columns, form }, rows).input_data).toMatchObject({ columns: ['a'] });
    },
  );

  it.each(['double', 'float', 'string', 'datetime'])('of type %s is null', async (type) => {
    const inputs = [{ type, name: 'o', required: false }];
    const { bodies, notes } = await prepared('o,y\n"",0\n', inputs);
    expect(bodies).toEqual([{ columns: ['o'], index: [0], data: [[null]] }]);
    expect(notes).toEqual([]);
  });
});

describe('a model without signature', () => {
  it('gets True and False as booleans, as pandas reads them', async () => {
    const { bodies } = await prepared('paid,note,target\nTrue,yes,1\nFALSE,no,0\n,,1\n');
    expect(bodies.map((body) => 'data' in body && body.data[0])).toEqual([
      [true, 'yes'],
      [false, 'no'],
      [null, null],
    ]);
  });

  it.each([
    ['carat,cut,depth,price,x,y,z\n0.2,Ideal,61,326,3.9,3.9,2.4\n', ['z', 'y', 'x', 'price']],
    ['x,y,speed\n1,2,3\n', ['speed', 'y', 'x']],
  ])('is asked for the target of %j', async (text, first) => {
    const { askTarget, target } = planMapping(undefined, await table(text));
    expect(target).toBeUndefined();
    expect(askTarget?.candidates.slice(0, first.length)).toEqual(first);
  });

  it('is not asked where y stands beside x alone', async () => {
    expect(planMapping(undefined, await table('x,y\n1,2\n')).target).toBe('y');
  });
});

describe('text cells that pandas takes for missing', () => {
  const penguins = 'sex,mass,species\nNA,1,None\nfemale,2,Gentoo\nNone,NA,Adelie\n';
  const inputs = [
    { type: 'string', name: 'sex' },
    { type: 'double', name: 'mass' },
  ];

  it('are missing, and this is said with the way to send them', async () => {
    const { rows, notes } = await prepared(penguins, inputs);
    expect(rows).toEqual([
      { rowNumber: 1, values: [null, 1] },
      { rowNumber: 2, values: ['female', 2], truth: 'Gentoo' },
      { rowNumber: 3, values: [null, null], truth: 'Adelie' },
    ]);
    expect(notes).toEqual([
      '2 cells of sex: text such as NA and None is sent as a missing value, as pandas reads it. ' +
        'To send the text, set evidence.keepDefaultNa: false.',
      '1 of 3 rows has no target (species) and is not counted as right or wrong: row 1.',
    ]);
  });

  it('and empty cells of the target are counted, and the first are named', async () => {
    const targets = ['1', '', 'NA', '0', 'nan', 'None', ' ', '1'];
    const text = `a,target\n${targets.map((target, at) => `${at},${target}`).join('\n')}\n`;
    const { rows, notes } = await prepared(text, [{ type: 'double', name: 'a' }]);
    expect(rows.flatMap(({ truth }) => truth ?? [])).toEqual(['1', '0', '1']);
    expect(notes).toEqual([
      '5 of 8 rows have no target (target) and are not counted as right or wrong: rows 2, 3, 5 and 2 more.',
    ]);
  });

  it('are text where that is chosen', async () => {
    const { rows, notes } = await prepared(penguins, inputs, {}, { keepDefaultNa: false });
    expect(rows.map(({ values, truth }) => [...values, truth])).toEqual([
      ['NA', 1, 'None'],
      ['female', 2, 'Gentoo'],
      ['None', null, 'Adelie'],
    ]);
    expect(notes).toEqual([]);
  });
});
