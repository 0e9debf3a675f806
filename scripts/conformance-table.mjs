// The table of a conformance run, from the steps that the tests recorded (test/conformance/steps.py).
import { existsSync, readFileSync } from 'node:fs';

/** One object a step: `{clients: [{name, version}], variant, step, result, why}`. */
export function readSteps(file) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** Rows of client, version, step and result, grouped by client; `broken` were not installed. */
export function markdownTable(steps, broken = []) {
  const clients = new Map();
  for (const { clients: used, ...step } of steps) {
    const name = used.map((each) => each.name).join(' + ') || '(no client)';
    const version = used.map((each) => each.version).join(' + ');
    const client = clients.get(name) ?? { version, rows: new Map() };
    clients.set(name, client);
    const runs = client.rows.get(step.step) ?? [];
    client.rows.set(step.step, [...runs, step]);
  }
  const rows = [...clients].flatMap(([name, { version, rows: own }]) =>
    [...own].map(([step, runs]) => [name, version, step, resultOf(runs)]),
  );
  for (const requirements of broken)
    rows.push([requirements, '', 'install', 'failed: pip could not install it']);
  return [['client', 'version', 'step', 'result'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map(cell).join(' | ')} |\n`)
    .join('');
}

/** One failure is the step's result; what passed says in which variants, where there were several. */
function resultOf(runs) {
  const failed = runs.find(({ result }) => result === 'failed');
  if (failed) {
    const where = failed.variant ? ` (${failed.variant})` : '';
    return `failed${where}: ${(failed.why ?? '').slice(0, 160)}`;
  }
  const passed = runs.filter(({ result }) => result === 'passed');
  if (passed.length === 0) return 'skipped';
  const variants = [...new Set(passed.map(({ variant }) => variant).filter(Boolean))];
  return variants.length > 1 ? `passed (${variants.join(', ')})` : 'passed';
}

function cell(text) {
  return text.replaceAll(/[\s|]+/g, ' ').trim();
}
