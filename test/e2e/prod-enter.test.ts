/** On a workspace marked PROD, Enter alone changes nothing, however often it is pressed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { journey, type Desk, type WizardUser } from '../support/wizard.js';
import { serveBlue } from '../support/live-endpoint.js';

const PRESSES = 100;
/** As fast as a key that is held down repeats. */
const REPEAT_MS = 15;

async function openProd(desk: Desk): Promise<WizardUser> {
  const info = desk.sandbox();
  await desk.run(
    ...['profiles', 'add', 'ml-prod', '--prod', '--sign-in', 'default'],
    ...['--subscription', info.subscriptionId, '--resource-group', info.resourceGroup],
    ...['--workspace', info.workspaceName],
    ...['--proxy-url', info.proxyUrl, '--ca-file', info.caFile],
  );
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER, AZURE_TOKEN_CREDENTIALS } = info.env;
  const env = { IDENTITY_ENDPOINT, IDENTITY_HEADER, AZURE_TOKEN_CREDENTIALS };
  return desk.wizard({ env });
}

/** Presses Enter a hundred times on screens that take it, and leaves with Ctrl-C. */
async function leanOnEnter(user: WizardUser): Promise<string> {
  for (let pressed = 0; pressed < PRESSES; pressed += 1) {
    await user.atRest();
    user.press('enter');
    await sleep(REPEAT_MS);
  }
  await user.atRest();
  const last = user.screen();
  user.press('ctrlC');
  await user.orLeaves('Ctrl-C again to leave');
  user.press('ctrlC');
  await user.leaves();
  return last;
}

describe('Enter, a hundred times, on a workspace marked PROD', () => {
  journey('creates nothing in an empty workspace', async (desk) => {
    await desk.startSandbox(0.02);
    const other = await desk.otherClient();
    const before = await other.dump();
    const user = await openProd(desk);
    await user.choose('ml-prod');
    await user.sees(/aml-rollout {2}PROD {2}ml-prod/);
    const last = await leanOnEnter(user);
    expect(last).toContain('Press ↓ to reach "Create endpoint", then Enter.');
    expect(await other.dump()).toEqual(before);
  });

  journey('begins no rollout on a live endpoint', async (desk) => {
    await desk.startSandbox(0.02);
    const other = await desk.otherClient();
    await serveBlue(other.arm, 'heart-prod');
    const before = await other.dump();
    const user = await openProd(desk);
    await user.choose('ml-prod');
    await user.sees('heart-prod');
    const last = await leanOnEnter(user);
    expect(last).toMatch(/PROD.*ml-prod ▸ heart-prod.*new model/);
    expect(await other.dump()).toEqual(before);
  });

  journey('gives green no more than the 10% it has', async (desk) => {
    await desk.startSandbox(0.02);
    const other = await desk.otherClient();
    const walk = await desk.wizard();
    await walk.enterUntil('staged: 90 / 10');
    await walk.on('traffic');
    walk.press('enter');
    await walk.sees(/GREEN \S+ 10%/);
    walk.press('q');
    await walk.choose('Leave');
    expect((await walk.leaves()).exitCode).toBe(0);

    const before = await other.dump();
    const user = await openProd(desk);
    await user.sees(/PROD +Green at 10%/);
    const last = await leanOnEnter(user);
    expect(last).toContain('Nothing staged');
    expect(last).toMatch(/of \d+ traffic/);
    expect(await other.dump()).toEqual(before);
  });
});
