// `npm run bench -- gates [--full] [--runs=N] [--only=WORDS] [--jobs=N] [--write]`: how often the program's
// own moves are wrong over simulated services. Prints the rate, its 95% interval (Clopper and Pearson) and
// the target of each row, and ends with 1 where an interval excludes its target. --jobs shares the runs out
// among processes; Ctrl-C ends it with the runs so far. --write puts the rows into docs/gates.md; those that were not run stay as they are.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { interrupted, measuring } from './measure.mjs';
import { clopperPearson } from './program.mjs';
import { GROUPS } from './table.mjs';

const args = process.argv.slice(2);
const full = args.includes('--full');
const valueOf = (name) =>
  args.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);
const runs = Number(valueOf('runs') ?? (full ? 1000 : 60));
const rollouts = full ? 10_000 : Math.max(50, runs);
const only = valueOf('only');
const { runsOf, end } = measuring(Number(valueOf('jobs') ?? 1));

const percent = (share) => `${(share * 100).toFixed(share < 0.1 && share > 0 ? 1 : 0)}%`;

/** Two-sided 95%. */
const intervalOf = (hits, of) => clopperPearson(hits, of, 0.025);

function judged({ most, least } = {}, { lower, upper }, hits, of) {
  if (most === undefined && least === undefined) return { text: 'measured', ok: true };
  const ok = most === undefined ? (least === 1 ? hits === of : upper >= least) : lower <= most;
  return { text: most === undefined ? `≥ ${percent(least)}` : `≤ ${percent(most)}`, ok };
}

async function measure(title, { name, asks, weight, only: fixed }) {
  const count =
    fixed === 'rollouts' ? rollouts : (fixed ?? Math.max(10, Math.round(runs * weight)));
  const { hits, of } = await runsOf(title, name, count);
  return asks.map(({ what, target }, index) => {
    const n = of[index];
    const interval = intervalOf(hits[index], n);
    const { text, ok } =
      n === 0 ? { text: 'no run', ok: true } : judged(target, interval, hits[index], n);
    const rate = n === 0 ? 'n/a' : percent(hits[index] / n);
    const range = `${percent(interval.lower)} to ${percent(interval.upper)}`;
    return { name, what, runs: n, rate, range, target: text, ok };
  });
}

const FILE = fileURLToPath(new URL('../../../docs/gates.md', import.meta.url));
const [BEGIN, END] = ['<!-- bench:begin -->', '<!-- bench:end -->'];
const HEAD = [
  '| situation | counted | runs | rate | 95% interval | target |',
  '|--|--|--|--|--|--|',
];

const keyOf = (title, name, what) => JSON.stringify([title, name, what]);

/** Lines of the table in docs/gates.md by what they tell. */
function linesOf(table) {
  const found = new Map();
  let title = '';
  for (const line of table.split('\n')) {
    title = /^\*\*(.+)\*\*$/.exec(line)?.[1] ?? title;
    const [, name, what] = line.split('|').map((cell) => cell.trim());
    if (what !== undefined) found.set(keyOf(title, name, what), line);
  }
  return found;
}

async function write(measured) {
  const text = await readFile(FILE, 'utf8');
  const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  if (from < BEGIN.length || to < from) throw new Error(`docs/gates.md lacks ${BEGIN} and ${END}.`);
  const before = linesOf(text.slice(from, to));
  const groups = GROUPS.map(({ title, rows }) => {
    const keys = rows.flatMap(({ name, asks }) => asks.map(({ what }) => keyOf(title, name, what)));
    const lines = keys.flatMap((key) => measured.get(key) ?? before.get(key) ?? []);
    return ['', `**${title}**`, '', ...HEAD, ...lines].join('\n');
  });
  await writeFile(FILE, `${text.slice(0, from)}\n${groups.join('\n')}\n\n${text.slice(to)}`);
}

const measured = new Map();
let wrong = 0;
for (const { title, rows } of GROUPS) {
  const chosen = rows.filter(({ name }) => only === undefined || `${title} ${name}`.includes(only));
  if (chosen.length === 0 || interrupted.signal.aborted) continue;
  console.log(`\n${title}`);
  for (const row of chosen) {
    if (interrupted.signal.aborted) break;
    for (const each of await measure(title, row)) {
      const { name, what, runs: n, rate, range, target, ok } = each;
      if (!ok) wrong += 1;
      const mark = ok ? '' : '  MISSED';
      console.log(
        `  ${name.padEnd(48)} ${what.padEnd(12)} ${String(n).padStart(6)}  ${rate.padStart(6)}  ${range.padEnd(16)} ${target}${mark}`,
      );
      measured.set(
        keyOf(title, name, what),
        `| ${name} | ${what} | ${n} | ${rate} | ${range} | ${target}${ok ? '' : ' **missed**'} |`,
      );
    }
  }
}
end();
if (args.includes('--write')) await write(measured);

console.log(wrong === 0 ? '\nEvery interval holds its target.' : `\n${wrong} missed their target.`);
process.exit(wrong === 0 ? 0 : 1);
