/** Enter alone carries a whole rollout of the sample model through on a fresh sandbox. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { closeAll } from '../support/pty.js';
import { Desk } from '../support/wizard.js';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
afterEach(async () => {
  await closeAll();
  await desk.clear();
});

it('Enter alone', { timeout: 120_000 }, async () => {
  const user = await desk.wizard();
  console.log(user.screen());
  const steps = await user.enterUntil('Rollout complete');
  console.log(steps, user.screen());
  const other = await desk.otherClient();
  console.log(JSON.stringify(await other.dump(), null, 1).slice(0, 1500));
  expect(steps).toEqual([]);
});
