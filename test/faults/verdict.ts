/** What holds at the end of any run, whatever befell it. */
import type { CommandResult } from '../support/run-command.js';
import { BLUE, GREEN, type Cell } from './desk.js';
import { isWrite } from './kinds.js';
import type { Logged } from './proxy.js';

/** What is wrong with how the program ended; nothing is right. */
export async function wrongWith(
  cell: Cell,
  ended: Pick<CommandResult, 'code' | 'stdout' | 'stderr'>,
): Promise<string[]> {
  const { code, stdout, stderr } = ended;
  const said = stdout + stderr;
  const split = await cell.split();
  const green = split?.[GREEN] ?? 0;
  const wrong: string[] = [];
  const check = (is: boolean, what: string): void => void (is || wrong.push(what));
  check(code !== 70, 'it ended with code 70');
  check(!/^\s+at .+:\d+:\d+\)?$/m.test(said), 'it printed a stack trace');
  check(!/\bundefined\b|\[object |\bNaN\b/.test(said), 'it printed a value that is none');
  check(code === 0 || stderr.trim() !== '', 'it failed without a word');
  const tells = new RegExp(`\\b${GREEN} has ${green}%|\\b${GREEN}=${green}\\b`);
  check(code === 0 || green === 0 || tells.test(stderr), `it left green at ${green}% unsaid`);
  wrong.push(...doubled(cell.proxy.log));
  return wrong;
}

/** Writes that were carried out twice although the program had the answer to the first. */
export function doubled(log: readonly Logged[]): string[] {
  const known = new Set<string>();
  const wrong: string[] = [];
  let last: string | undefined;
  for (const { kind, method, path, body, status, answered } of log) {
    if (!isWrite(kind) || status === undefined || status >= 300) continue;
    const write = `${method} ${path} ${body}`;
    if (known.has(write) && write === last) wrong.push(`it sent twice: ${kind}`);
    last = write;
    if (answered) known.add(write);
  }
  return wrong;
}

/** What is wrong with the endpoint of a rollout that was promoted. */
export async function wrongWithPromoted(cell: Cell): Promise<string[]> {
  const wrong: string[] = [];
  const same = (is: unknown, should: unknown, what: string): void => {
    const [a, b] = [JSON.stringify(is), JSON.stringify(should)];
    if (a !== b) wrong.push(`${what}: ${a}, not ${b}`);
  };
  same(await cell.split(), { [GREEN]: 100 }, 'split');
  same(await cell.deployments(), [BLUE, GREEN], 'deployments');
  same(await cell.versions(), ['1', '2'], 'model versions');
  const left = Object.keys(await cell.tags()).filter((name) => name === 'amlr-rollout');
  same(left, [], 'tags of a rollout under way');
  return wrong;
}
