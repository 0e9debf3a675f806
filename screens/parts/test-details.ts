/** Around a test: who is asked and how, and afterwards the figures, the rows cell by cell, and a request body. */
import { rowsOf } from '../../src/common/counts.js';
import { stringifyJson } from '../../src/common/exact-numbers.js';
import { millis } from '../../src/rollout/evidence/gates/text.js';
import { quantile } from '../../src/rollout/evidence/statistics/ranks.js';
import type { Sample } from '../../src/wizard/effects/sample.js';
import { bodyOf } from '../../src/wizard/effects/sample-body.js';
import type { Tested } from '../../src/wizard/effects/shown.js';
import { fieldNumber, fieldValue, type Form } from '../../src/wizard/form.js';
import type { State } from '../../src/wizard/state.js';
import { deploymentOf } from '../../src/wizard/steps/deployment-form.js';
import { AUTH_MODES } from '../../src/wizard/steps/endpoint-form.js';
import { factBlock, tableBlock, type Block, type Fact } from './blocks.js';
import { deploymentsTable } from './deployments-table.js';
import { signatureBlocks } from './signature-blocks.js';

/** How the endpoint is called. */
function callFacts({ session }: State): Fact[] {
  const { endpoint } = session?.opened?.snapshot ?? {};
  const sign = AUTH_MODES.find(({ value }) => value === endpoint?.authMode)?.label;
  return [
    ['to', endpoint?.scoringUri && `POST ${endpoint.scoringUri}`],
    ['authentication', sign],
  ];
}

/** Before rows are sent. */
export function testPreview(state: State, form: Form, width: number, rows: number): Block[] {
  const { opened } = state.session ?? {};
  const blue = deploymentOf(opened, 'blue');
  const count = fieldNumber(form, 'rows');
  const facts: Fact[] = [
    ['from', fieldValue(form, 'path') || 'not chosen yet'],
    ...callFacts(state),
    ['requests', count > 0 ? `${rowsOf(count)}, one request each` : 'one for each row'],
    ['saved as', opened && `sample.json in ${opened.outputs}`],
    ['journal', 'keeps row numbers, latencies and counts, and no cells'],
  ];
  const blocks = [
    ...(blue
      ? deploymentsTable('answers', [['BLUE', blue]], opened?.snapshot.endpoint, width)
      : []),
    factBlock('rows to send', facts, width),
  ];
  const { look } = state.screens['blue-model'] ?? {};
  const taken = blocks.reduce((sum, { lines }) => sum + 2 + lines.length, 0);
  return [...blocks, ...(look ? signatureBlocks(look, undefined, width, rows - taken) : [])];
}

const listOf = (values: readonly unknown[]): string =>
  values.map((value) => stringifyJson(value) ?? 'null').join(', ');

/** Of one row, member by member, as it was sent. */
function bodyBlock(sample: Sample, row: Sample['rows'][number], width: number): Block {
  const { input_data: body } = bodyOf(sample, [row]);
  const data = (cells: readonly (readonly unknown[])[]): string =>
    `[[${cells.map(listOf).join('], [')}]]`;
  const facts: Fact[] = Array.isArray(body)
    ? [['input_data', data(body)]]
    : [
        ['columns', `[${listOf(body.columns)}]`],
        ['index', `[${listOf(body.index)}]`],
        ['data', data(body.data)],
      ];
  return factBlock(`body sent for row ${row.number}, input_data`, facts, width);
}

/** Cell by cell, a column for each row, as many as fit. */
function cellsBlock({ columns }: Sample, rows: Sample['rows'], width: number): Block[] {
  const table = columns.map((name, at) => [
    String(name),
    ...rows.map(({ values }) => stringifyJson(values[at]) ?? '-'),
  ]);
  const head = ['input', ...rows.map(({ number }) => `row ${number}`)];
  return tableBlock(head, table, width, 2);
}

function answerFacts(state: State, { rows, result }: Tested): Fact[] {
  const answers = rows.flatMap((row) => Object.entries(row.answers));
  const ms = answers.flatMap(([, { failed, latencyMs }]) => (failed ? [] : [latencyMs]));
  const by = [...new Set(answers.map(([name]) => name))].map((name) => {
    const own = answers.filter(([each]) => each === name).length;
    const right = result.right?.[name];
    return `${name} ${own}${right === undefined ? '' : `, ${right} right`}`;
  });
  const at = (share: number): string => millis(quantile(ms, share));
  return [
    ...callFacts(state),
    ['answered by', by.length > 1 ? by.join('; ') : undefined],
    ['latency', ms.length > 0 ? `${at(0)} to ${at(1)}, median ${at(0.5)}` : undefined],
  ];
}

/** After rows were sent; `beside`: their cells stand beside the answers already. */
export function testFigures(
  state: State,
  tested: Tested,
  { width, beside }: { width: number; beside: boolean },
): Block[] {
  const { sample } = state.screens.test ?? {};
  const numbers = tested.rows.map(({ number }) => number);
  const rows = sample?.rows.filter(({ number }) => numbers.includes(number)) ?? [];
  const [first] = rows;
  const { look } = state.screens['blue-model'] ?? {};
  return [
    factBlock('answers', answerFacts(state, tested), width),
    ...(sample && !beside ? cellsBlock(sample, rows, width) : []),
    ...(sample && first ? [bodyBlock(sample, first, width)] : []),
    ...(look ? signatureBlocks(look, undefined, width, Infinity) : []),
  ];
}
