/** A rollout that is disturbed and continued until it is promoted. */
import { expect } from 'vitest';
import type { CommandResult, RunningCommand } from '../support/run-command.js';
import { Pending, type Chain, type Situation } from './chains.js';
import type { Cell } from './desk.js';
import type { Passing } from './proxy.js';
import { wrongWith, wrongWithPromoted } from './verdict.js';

interface Ended extends Pick<CommandResult, 'code' | 'stdout' | 'stderr'> {
  isPromoted: boolean;
}

interface Disturbed<S extends Situation> {
  happens(situation: S, passing: Passing, isFirst: boolean): Promise<void> | undefined;
  /** The exit code after what happened, 0 where the rollout is not continued; `undefined`: any. */
  codeAfter(happened: readonly S[]): number | undefined;
  /** Whether the program had no time for a last word. */
  isKilled?(happened: readonly S[]): boolean;
  /** Starts the program or starts it again, until it has ended or the rollout is promoted. */
  rollOut(happened: readonly S[]): Promise<Ended>;
  /** All that the program said, for whoever reads why a cell failed. */
  story(): string;
}

/** Returns what did not come about. */
export async function disturbedRollout<S extends Situation>(
  cell: Cell,
  chain: Chain<S>,
  { happens, codeAfter, isKilled, rollOut, story }: Disturbed<S>,
): Promise<readonly S[]> {
  const pending = new Pending(cell, chain);
  const wrong: string[] = [];
  for (;;) {
    pending.arm(happens);
    const { happened } = pending;
    const ended = await rollOut(happened);
    const after = `after ${happened.map(({ id }) => id).join(', ') || 'nothing'}: `;
    if (!isKilled?.(happened)) {
      wrong.push(...(await wrongWith(cell, ended)).map((each) => after + each));
    }
    if (ended.isPromoted) break;
    const code = codeAfter(happened);
    if (code !== undefined && ended.code !== code) wrong.push(`${after}code ${ended.code}`);
    if (code === 0) break;
  }
  cell.proxy.interfere = undefined;
  wrong.push(...(await wrongWithPromoted(cell)));
  expect(wrong, story()).toEqual([]);
  return pending.left;
}

/** `run`, and then whatever it printed to continue with. */
export function byRun(cell: Cell) {
  let running: RunningCommand | undefined;
  let last: CommandResult | undefined;
  return {
    async rollOut(): Promise<Ended> {
      running = last ? cell.again(last) : cell.program('run', cell.plan, '--yes');
      last = await cell.ended(running);
      return { ...last, isPromoted: last.code === 0 };
    },
    story: () => cell.story(),
    async end(signal: NodeJS.Signals): Promise<void> {
      running?.interrupt(signal);
      await running;
    },
  };
}
