/** What the answers of two deployments to the same rows say, as lines of a table. */
import type { Tested, TestedRow } from '../../src/wizard/commands.js';
import type { Meaning } from '../../src/terminal/theme.js';

export interface Check {
  name: string;
  live: string;
  fresh: string;
  difference: string;
  is: Meaning;
}

export interface DifferingRow {
  number: number;
  live: string;
  fresh: string;
  truth?: string;
}

const failures = (rows: readonly TestedRow[], name: string): number =>
  rows.filter((row) => row.answers[name]?.failed).length;

export function differing(tested: Tested, blue: string, green: string): DifferingRow[] {
  const wanted = new Set(tested.result.differing);
  return tested.rows
    .filter((row) => wanted.has(row.number))
    .map((row) => ({
      number: row.number,
      live: row.answers[blue]?.text ?? 'no answer',
      fresh: row.answers[green]?.text ?? 'no answer',
      ...(row.truth !== undefined && { truth: row.truth }),
    }));
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? 'n/a' : `${((100 * part) / whole).toFixed(1)} %`;

export function comparison(tested: Tested, blue: string, green: string): Check[] {
  const { rows, result } = tested;
  const failed = { live: failures(rows, blue), fresh: failures(rows, green) };
  const latency = {
    live: result.medianLatencyMs[blue],
    fresh: result.medianLatencyMs[green],
  };
  const compared = (result.agreed ?? 0) + (result.differing?.length ?? 0);
  const checks: Check[] = [
    {
      name: 'errors',
      live: `${failed.live} / ${rows.length}`,
      fresh: `${failed.fresh} / ${rows.length}`,
      difference: failed.fresh > failed.live ? `${failed.fresh - failed.live} more on NEW` : 'none more',
      is: failed.fresh > failed.live ? 'fail' : 'info',
    },
    {
      name: 'labels differ',
      live: '',
      fresh: String(result.differing?.length ?? 0),
      difference: percent(result.differing?.length ?? 0, compared),
      is: 'info',
    },
  ];
  if (result.right) {
    const live = result.right[blue] ?? 0;
    const fresh = result.right[green] ?? 0;
    const change = compared === 0 ? 0 : (100 * (fresh - live)) / compared;
    checks.push({
      name: 'right answers',
      live: String(live),
      fresh: String(fresh),
      difference: `${change >= 0 ? '+' : ''}${change.toFixed(1)} pp`,
      is: fresh < live ? 'warning' : 'pass',
    });
  }
  if (latency.live !== undefined && latency.fresh !== undefined) {
    checks.push({
      name: 'latency median',
      live: `${latency.live.toFixed(0)} ms`,
      fresh: `${latency.fresh.toFixed(0)} ms`,
      difference: latency.live > 0 ? `× ${(latency.fresh / latency.live).toFixed(2)}` : 'n/a',
      is: 'info',
    });
  }
  return checks;
}
