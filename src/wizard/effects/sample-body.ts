/** Drawn rows as the bodies of requests. */
import { ChangeError } from '../../rollout/errors.js';
import { replayRows } from '../../rollout/evidence/replay-rows.js';
import type { ReplayRow } from '../../rollout/evidence/replay.js';
import { scoringBody } from '../../sampling/payload.js';
import type { Sample, SampleSpec } from '../commands.js';
import { drawRows } from './sample.js';
import { rolloutOf, type Context } from './world.js';

/** Rows that are sent in turn when none were sent in this session. */
const PROBE_ROWS = 20;

const numbered = (rows: Sample['rows']) =>
  rows.map(({ number, ...row }) => ({ rowNumber: number, ...row }));

/** All the rows in one request. */
export const bodyOf = (sample: Sample, rows: Sample['rows']) =>
  scoringBody({ columns: sample.columns, form: sample.form }, numbered(rows));

/** Each row as a request of its own. */
export const rowsToSend = (sample: Sample): ReplayRow[] =>
  replayRows({ columns: sample.columns, form: sample.form }, numbered(sample.rows));

/** A few rows of the sample sent last, drawn again where an earlier session sent it. */
export async function probeBodies(context: Context): Promise<unknown[]> {
  const { world } = context;
  const { engine } = rolloutOf(world);
  const { csv, newModel } = engine.view.choice;
  if (!world.sample && csv && newModel?.version) {
    const spec: SampleSpec = {
      path: csv.path,
      rows: PROBE_ROWS,
      seed: csv.seed,
      target: csv.target ?? '',
      renames: {},
    };
    world.sample = await drawRows(spec, newModel.name, newModel.version, context);
  }
  const { sample } = world;
  if (!sample) {
    throw new ChangeError({
      kind: 'invalid',
      what: 'send rows',
      message: 'No rows were sent yet, so there is nothing to send.',
      advice: 'Go back to prove (Esc) and send rows first.',
      retrySafe: false,
    });
  }
  return rowsToSend(sample)
    .slice(0, PROBE_ROWS)
    .map(({ body }) => body);
}
