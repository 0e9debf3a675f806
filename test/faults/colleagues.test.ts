/** Someone else changes the endpoint between two requests of a rollout, at each gap. */
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { endpoint } from '../support/arm.js';
import { BLUE, Desk, GREEN, type Cell } from './desk.js';
import { isWrite, type Moment } from './kinds.js';
import { matrix } from './sample.js';
import { wrongWith } from './verdict.js';

const desk = new Desk();
beforeAll(() => desk.start());
afterAll(() => desk.stop());

interface Act {
  id: string;
  does(cell: Cell): Promise<void>;
}

const splits = (id: string, green: number): Act => ({
  id,
  does: (cell) => put(cell, { [BLUE]: 100 - green, [GREEN]: green }),
});

/** As another client writes it: the whole endpoint. */
async function put(
  cell: Cell,
  traffic: Record<string, number>,
  tags?: Record<string, string>,
): Promise<void> {
  const kept = tags ?? (await cell.tags());
  const path = `onlineEndpoints/${cell.endpoint}`;
  await desk.arm.finished(await desk.arm.put(path, endpoint({ traffic }, { tags: kept })));
}

async function remove(cell: Cell, below: string): Promise<void> {
  const path = `onlineEndpoints/${cell.endpoint}${below}`;
  await desk.arm.finished(await desk.arm.send('DELETE', path));
}

const ACTS: readonly Act[] = [
  splits('blue gets all', 0),
  splits('green gets less', 5),
  splits('green gets more', 80),
  {
    id: 'green is deleted',
    async does(cell) {
      await put(cell, { [BLUE]: 100 });
      await remove(cell, `/deployments/${GREEN}`);
    },
  },
  {
    id: 'blue is deleted',
    async does(cell) {
      await put(cell, { [GREEN]: 100 });
      await remove(cell, `/deployments/${BLUE}`);
    },
  },
  { id: 'the endpoint is deleted', does: (cell) => remove(cell, '') },
  {
    id: 'another rollout begins',
    async does(cell) {
      const tags = { ...(await cell.tags()), 'amlr-rollout': '0therr011', 'amlr-owner': 'bob' };
      await put(cell, (await cell.split()) ?? {}, tags);
    },
  },
  {
    id: 'the tags are wiped',
    does: async (cell) => put(cell, (await cell.split()) ?? {}, {}),
  },
];

/**
 * The gaps in which green has a part of the traffic and nothing of ours is under way: a change
 * beside a write of our own can't be told from it.
 */
function gaps(recording: readonly Moment[]): Moment[] {
  const writes = recording.flatMap(({ kind }, index) =>
    kind === 'PUT workspace/onlineEndpoints/ENDPOINT' ? [index] : [],
  );
  const [, , split = 0, all = 0] = writes;
  const between = recording.slice(split, all);
  // The polls of the write, and the look that verifies it.
  const first = between.findIndex(({ kind }) => kind === 'POST score unpinned');
  return between.slice(first).filter(({ kind }) => !isWrite(kind));
}

const colleagueCells = gaps(inject('recording')).flatMap((gap) =>
  ACTS.map((act) => ({ id: `${act.id}: ${gap.id}`, gap, act })),
);

matrix('colleagues', colleagueCells, 8, ({ gap, act }) =>
  desk.cell(async (cell) => {
    let left: unknown;
    let writes = 0;
    let acted = false;
    const state = async () => [await cell.split(), await cell.deployments(), await cell.tags()];
    cell.proxy.interfere = (passing) => {
      if (acted && isWrite(passing.kind)) writes += 1;
      if (acted || passing.id !== gap.id) return undefined;
      acted = true;
      return (async () => {
        await act.does(cell);
        left = await state();
        await passing.reply(await passing.forward());
      })();
    };
    const ended = await cell.run('run', cell.plan, '--yes');
    expect(acted, `the gap did not come: ${cell.story()}`).toBe(true);
    const wrong = await wrongWith(cell, ended);
    if (ended.code !== 6) wrong.push(`it ended with ${ended.code}`);
    if (writes > 0) wrong.push(`it wrote ${writes} times after that`);
    if (JSON.stringify(await state()) !== JSON.stringify(left)) wrong.push('it changed something');
    expect(wrong, cell.story()).toEqual([]);
  }),
);
