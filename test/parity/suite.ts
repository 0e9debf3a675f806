/** Turns rows into tests: each row is driven at both faces, and then judged. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JournalLine } from '../support/journal-lines.js';
import { patience } from '../support/patience.js';
import type { Face, FaceName, MakeFace } from './face.js';
import { outcomeOf, type Outcome } from './outcome.js';
import type { Row } from './row.js';
import { runFace } from './run-face.js';
import { wizardFace } from './wizard-face.js';
import { World, type Stage } from './world.js';
import { keep } from './seen.js';

const FACES: Record<FaceName, MakeFace> = { wizard: wizardFace, run: runFace };
const LIMIT_MS = patience(120_000);

export function paritySuite(name: string, rows: readonly Row[]): void {
  const world = new World();
  beforeAll(() => world.start());
  afterAll(() => world.stop());

  describe.concurrent(name, { timeout: LIMIT_MS }, () => {
    for (const row of rows) {
      const driven = {
        wizard: once(() => drive(row, 'wizard')),
        run: once(() => drive(row, 'run')),
      };
      for (const face of ['wizard', 'run'] as const) {
        test(`${row.title}: ${face} comes to an end`, async () => {
          const { outcome, wrong, journal } = await driven[face]();
          keep(row, outcome, wrong, journal);
        });
        verdictOf(row.today?.[face])(`${row.title}: ${face} is right`, async () => {
          const { wrong } = await driven[face]();
          if (wrong) throw wrong;
        });
      }
      verdictOf(row.today?.same)(`${row.title}: both faces are alike`, async () => {
        const [wizard, run] = await Promise.all([driven.wizard(), driven.run()]);
        alike(wizard.outcome, run.outcome);
      });
    }
  });

  async function drive(row: Row, name: FaceName): Promise<Driven> {
    const stage = await world.stage(`${row.id}-${name}`, name, row.plan);
    await row.prepare?.(stage);
    const face = FACES[name](stage);
    try {
      const meaning = await (row.drive ?? straight)(face, stage);
      const outcome = await outcomeOf(stage, face, meaning);
      const wrong = await judge(row, outcome, stage).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      );
      return { outcome, wrong, journal: stage.journal() };
    } finally {
      await face.close();
      await stage.clear();
    }
  }
}

interface Driven {
  outcome: Outcome;
  /** Why it is not what the row says is right. */
  wrong: Error | undefined;
  journal: JournalLine[];
}

/** Known to be wrong is expected to fail; when it does not, whoever mended it takes the mark away. */
const verdictOf = (wrong: string | undefined) => (wrong === undefined ? test : test.fails);

async function straight(face: Face): Promise<Outcome['meaning']> {
  await face.start();
  return face.rest();
}

async function judge({ right }: Row, outcome: Outcome, stage: Stage): Promise<void> {
  const { meaning, split, report, requests, judgements } = outcome;
  expect({ meaning, split, report }, outcome.says).toEqual({
    meaning: right.meaning,
    split: right.split,
    report: right.report ?? report,
  });
  for (const wanted of right.judgements ?? [])
    expect(judgements).toContainEqual(expect.stringMatching(wanted));
  for (const side of ['blue', 'green'] as const)
    expect(requests[side], side).toBeLessThanOrEqual(right.atMost?.[side] ?? Infinity);
  await right.also?.(outcome, stage);
}

function alike(wizard: Outcome, run: Outcome): void {
  const seen = ({ requests: _, face: _name, reported: _all, says: _said, ...told }: Outcome) =>
    told;
  expect(seen(wizard)).toEqual(seen(run));
  for (const side of ['blue', 'green'] as const)
    expect(Math.abs(wizard.requests[side] - run.requests[side]), side).toBeLessThanOrEqual(1);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    // Told by each test that awaits it.
    made.catch(() => undefined);
    return made;
  };
}
