// `npm run bench -- gates [--full] [--runs=N] [--write]`: how often the program's own moves are wrong over
// simulated services. Prints the rate, its 95% interval (Clopper and Pearson) and the target of each
// row, and ends with 1 where an interval excludes its target. --write puts the table into docs/gates.md.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { clopperPearson } from './program.mjs';
import { GROUPS } from './table.mjs';

const args = process.argv.slice(2);
const full = args.includes('--full');
const runs = Number(
  args.find((each) => each.startsWith('--runs='))?.slice(7) ?? (full ? 1000 : 60),
);
const rollouts = full ? 10_000 : Math.max(50, runs);
const only = args.find((each) => each.startsWith('--only='))?.slice(7);

const percent = (share) => `${(share * 100).toFixed(share < 0.1 && share > 0 ? 1 : 0)}%`;

/** Two-sided 95%. */
const intervalOf = (hits, of) => clopperPearson(hits, of, 0.025);

function judged({ most, least } = {}, { lower, upper }, hits, of) {
  if (most === undefined && least === undefined) return { text: 'measured', ok: true };
  const ok = most === undefined ? (least === 1 ? hits === of : upper >= least) : lower <= most;
  return { text: most === undefined ? `≥ ${percent(least)}` : `≤ ${percent(most)}`, ok };
}

async function measure({ name, run, asks, weight, only: fixed }) {
  const count =
    fixed === 'rollouts' ? rollouts : (fixed ?? Math.max(10, Math.round(runs * weight)));
  const hits = asks.map(() => 0);
  const of = asks.map(() => 0);
  for (let seed = 1; seed <= count; seed += 1) {
    const result = await run(seed);
    asks.forEach(({ hit }, index) => {
      // `undefined`: this run says nothing of the question.
      const is = hit(result);
      if (is === undefined) return;
      of[index] += 1;
      if (is) hits[index] += 1;
    });
  }
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

const lines = [];
let wrong = 0;
for (const { title, rows } of GROUPS) {
  const chosen = rows.filter(({ name }) => only === undefined || `${title} ${name}`.includes(only));
  if (chosen.length === 0) continue;
  console.log(`\n${title}`);
  lines.push(
    '',
    `**${title}**`,
    '',
    '| situation | counted | runs | rate | 95% interval | target |',
    '|--|--|--|--|--|--|',
  );
  for (const row of chosen) {
    for (const each of await measure(row)) {
      const { name, what, runs: n, rate, range, target, ok } = each;
      if (!ok) wrong += 1;
      const mark = ok ? '' : '  MISSED';
      console.log(
        `  ${name.padEnd(48)} ${what.padEnd(12)} ${String(n).padStart(6)}  ${rate.padStart(6)}  ${range.padEnd(16)} ${target}${mark}`,
      );
      lines.push(
        `| ${name} | ${what} | ${n} | ${rate} | ${range} | ${target}${ok ? '' : ' **missed**'} |`,
      );
    }
  }
}

if (args.includes('--write')) {
  const file = fileURLToPath(new URL('../../../docs/gates.md', import.meta.url));
  const text = await readFile(file, 'utf8');
  const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->'];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/gates.md lacks ${begin} and ${end}.`);
  await writeFile(
    file,
    `${text.slice(0, from + begin.length)}\n${lines.join('\n')}\n\n${text.slice(to)}`,
  );
}

console.log(wrong === 0 ? '\nEvery interval holds its target.' : `\n${wrong} missed their target.`);
process.exit(wrong === 0 ? 0 : 1);
