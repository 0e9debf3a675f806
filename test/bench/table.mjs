// Rows of the benchmarks as the table of docs/performance.md.
import { cpus, totalmem } from 'node:os';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';
const HEAD = ['what', 'before', 'now', 'middle half', 'goal', 'from'];

export const environmentOf = () => ({
  node: process.version,
  machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB`,
  at: new Date().toISOString().slice(0, 10),
});

/** What fails is a row that says so, and the others are still measured. */
export async function rowsOf(name, measure) {
  try {
    return (await measure()).map((row) => ({ bench: name, ...row }));
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return [{ bench: name, what: name, notMeasured: why }];
  }
}

const figure = (value, unit) =>
  `${unit === '×' ? '× ' : ''}${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)}${unit === '×' ? '' : unit}`;

const cell = (text) => String(text ?? '').replaceAll('|', '\\|');

/** A row of the page by what it is, so that a run of some benchmarks keeps the others. */
function rowsIn(page) {
  const table = page.slice(page.indexOf(BEGIN), page.indexOf(END));
  const lines = table
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  return new Map(
    lines.slice(1).map((line) => {
      const cells = line.slice(2, -2).split(' | ');
      return [cells[0], cells];
    }),
  );
}

export function withTable(page, { rows, node, machine, at }) {
  const known = rowsIn(page);
  const fresh = rows.map((row) => {
    const { what, goal, value, low, high, unit, detail, notMeasured } = row;
    const before = known.get(cell(what))?.[1] ?? '';
    const measured =
      notMeasured === undefined
        ? [figure(value, unit), `${figure(low, unit)} to ${figure(high, unit)}`]
        : ['not measured', ''];
    return [what, before, ...measured, goal, detail ?? notMeasured].map(cell);
  });
  for (const cells of fresh) known.set(cells[0], cells);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = HEAD.map(() => '---');
  const made = (all) => [line(HEAD), line(rule), ...all.map(line)].join('\n');
  const note = `Last written on ${at}, with Node.js ${node.slice(1)} on ${machine}.`;
  return {
    table: made(fresh),
    page: page.replace(
      new RegExp(`${BEGIN}[^]*${END}`),
      () => `${BEGIN}\n\n${note}\n\n${made([...known.values()])}\n\n${END}`,
    ),
  };
}
