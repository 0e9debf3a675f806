/** A move that a command performs by itself, outside a plan. */
import { systemClock } from '../../common/clock.js';
import type { RolloutEngine } from '../engine.js';
import type { ProofPlan } from '../plan/proof.js';
import { newMemory } from './session-memory.js';
import { MoveContext } from './context.js';

/** For a single move that a command performs, such as an abort; it needs no rows and no report. */
export function contextFor(
  engine: RolloutEngine,
  {
    plan,
    note,
    signal,
  }: { plan?: ProofPlan | undefined; note(line: string): void; signal: AbortSignal },
): MoveContext {
  const clock = systemClock;
  return new MoveContext(
    {
      engine,
      plan: plan ?? { weights: [] },
      folder: '',
      clock,
      signal,
      emit: (event) => {
        if (event.event === 'waiting') note(event.message);
      },
      bakeMinutes: 0,
      writeReport: () => Promise.reject(new Error('This command writes no report.')),
    },
    newMemory(clock.now(), engine.view.lines),
  );
}
