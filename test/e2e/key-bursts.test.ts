/**
 * Keys that come in bursts, from a fast hand, a slow line or a script: never another item than the
 * keys say, and never two screens for one.
 */
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { KEY } from '../support/pty.js';
import { journey, type WizardUser } from '../support/wizard.js';
import { serveBlue } from '../support/live-endpoint.js';

const SEED = 20_260_101;
const BURSTS = 50;

interface Burst {
  moves: (1 | -1)[];
  letters: boolean;
  paceMs: 0 | 15;
  enter: boolean;
}

const bursts = fc.sample(
  fc.record<Burst>({
    moves: fc.array(fc.constantFrom(1 as const, -1 as const), { minLength: 1, maxLength: 6 }),
    letters: fc.boolean(),
    paceMs: fc.constantFrom(0 as const, 15 as const),
    enter: fc.boolean(),
  }),
  { seed: SEED, numRuns: BURSTS },
);

async function send(user: WizardUser, keys: readonly string[], paceMs: number): Promise<void> {
  if (paceMs === 0) {
    user.app.write(keys.join(''));
    return;
  }
  for (const key of keys) {
    user.app.write(key);
    await sleep(paceMs);
  }
}

/**
 * Fifty bursts on the list whose rows begin so. Moves stay inside the list. `choose` says what is
 * to be seen after Enter on a row, and goes back; without it Enter is not pressed on that row.
 */
async function inBursts(
  user: WizardUser,
  names: readonly string[],
  choose: (row: string) => (() => Promise<unknown>) | undefined,
  mostChosen = BURSTS,
): Promise<void> {
  await user.sees((screen) => names.every((name) => screen.includes(name)));
  const place = (name: string): number =>
    user.screen().search(new RegExp(`^ (?: |❯) ${name}`, 'm'));
  const rows = [...names].sort((a, b) => place(a) - place(b));
  let at = rows.findIndex((row) => user.cursorRow().startsWith(row));
  let chosen = 0;
  for (const { moves, letters, paceMs, enter } of bursts) {
    const keys: string[] = [];
    for (const move of moves) {
      if (at + move < 0 || at + move >= rows.length) continue;
      at += move;
      keys.push(move === 1 ? (letters ? 'j' : KEY.down) : letters ? 'k' : KEY.up);
    }
    const row = rows[at]!;
    const seen = enter && chosen < mostChosen ? choose(row) : undefined;
    if (seen) chosen += 1;
    await send(user, seen ? [...keys, KEY.enter] : keys, paceMs);
    if (seen) await seen();
    await user.sees(() => user.cursorRow().startsWith(row));
  }
}

describe('fifty bursts of keys', () => {
  // A proxy that takes the call and says nothing.
  let silent: Server;
  let proxy: string;
  beforeAll(async () => {
    silent = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((ready) => silent.listen(0, '127.0.0.1', ready));
    proxy = `http://127.0.0.1:${(silent.address() as { port: number }).port}`;
  });
  afterAll(() => silent.close());

  journey('on the lists of workspaces, endpoints and models', async (desk) => {
    const { info } = await desk.startSandbox(0.02);
    const other = await desk.otherClient();
    const profiles = ['alpha', 'beta', 'gamma', 'delta'];
    for (const name of profiles) {
      await desk.run(
        ...['profiles', 'add', name, '--subscription', info.subscriptionId],
        ...['--resource-group', 'rg', '--workspace', name, '--proxy-url', proxy],
        ...['--sign-in', 'managed-identity', '--identity-endpoint', `${proxy}/token`],
      );
    }
    const endpoints = ['heart-a', 'heart-b', 'heart-c', 'heart-d'];
    for (const name of endpoints) await other.arm.createEndpoint(name);
    for (const version of ['1', '2', '3']) await other.arm.registerSample('bursts', version, 'v1');

    const user = await desk.wizard();
    await inBursts(user, [...profiles, 'sandbox', 'new connection'], (row) => {
      if (row === 'sandbox') return undefined;
      const said = row === 'new connection' ? 'Save and connect' : `Connecting to ${row}`;
      return async () => {
        await user.sees(said);
        user.press('escape');
        await user.seesNoMore(said);
      };
    });

    await user.moveTo(
      'sandbox',
      user.screen().indexOf('❯') > user.screen().indexOf('   sandbox') ? 'up' : 'down',
    );
    user.press('enter');
    await inBursts(
      user,
      [...endpoints, 'a new endpoint'],
      (row) => async () => {
        if (row === 'a new endpoint') await user.sees('Create endpoint');
        else {
          await user.sees(`sandbox ▸ ${row} `);
          await user.sees('Review, then register');
          user.press('escape');
          await user.sees(/Model to roll out|First model to serve/);
        }
        user.press('escape');
        await user.sees('Opening an endpoint only reads it');
      },
      12,
    );

    await user.moveTo('heart-a', 'up');
    user.press('enter');
    await user.on('model');
    user.press('escape');
    await user.sees('bursts 3');
    await inBursts(
      user,
      ['bursts 1', 'bursts 2', 'bursts 3', 'register a folder', 'a job output'],
      (row) => async () => {
        if (row.startsWith('bursts'))
          await user.sees(`${row.replace(' ', ' version ')}, registered`);
        else await user.sees(row.startsWith('register a folder') ? /^ . Folder/m : /^ . Place/m);
        user.press('escape');
        await user.sees(/Model to roll out|First model to serve/);
      },
      20,
    );
  });

  journey(
    'on the stop menu, a confirmation and the choice of what becomes of blue',
    async (desk) => {
      await desk.startSandbox(0.05);
      const other = await desk.otherClient();
      const user = await desk.wizard();
      await user.enterUntil('staged: 90 / 10');
      await user.on('traffic');
      user.press('enter');
      await user.sees(/GREEN \S+ 10%/);
      await user.on('traffic');
      const [endpoint = ''] = await other.endpoints();
      const split = { default: 90, 'xgboost-model-2': 10 };

      user.press('ctrlC');
      await inBursts(user, ['Roll back', 'Leave', 'Stay'], (row) =>
        row !== 'Stay'
          ? undefined
          : async () => {
              await user.seesNoMore('Ctrl-C again to leave');
              user.press('ctrlC');
              await user.sees('Ctrl-C again to leave');
              await user.moveTo('Stay');
            },
      );
      user.press('escape');
      await user.seesNoMore('Ctrl-C again to leave');
      expect(await other.traffic(endpoint)).toEqual(split);

      user.press('A');
      await inBursts(user, ['Abort: back to', 'Continue the rollout'], (row) =>
        row !== 'Continue the rollout'
          ? undefined
          : async () => {
              await user.seesNoMore('Abort the rollout');
              user.press('A');
              await user.sees('Abort the rollout');
              await user.moveTo('Continue the rollout');
            },
      );
      user.press('escape');
      await user.seesNoMore('Abort the rollout');
      expect(await other.traffic(endpoint)).toEqual(split);

      await user.enterUntil('   Scale to one');
      await user.on('retire');
      await inBursts(user, ['Keep', 'Scale to one', 'Delete'], (row) =>
        row !== 'Delete'
          ? undefined
          : async () => {
              await user.sees('Type default to confirm: _');
              user.press('escape');
              await user.seesNoMore('Type default to confirm');
            },
      );
      expect(await other.deployments(endpoint)).toEqual(['default', 'xgboost-model-2']);
    },
  );

  journey('on the choices after a crash', async (desk) => {
    await desk.startSandbox(0.05);
    const other = await desk.otherClient();
    await serveBlue(other.arm, 'heart-live');
    await desk.fault({
      match: { deployment: 'xgboost-model-2' },
      action: { crash: 'MemoryError: planted' },
    });
    const user = await desk.wizard();
    await user.choose('sandbox');
    await user.sees('heart-live');
    await user.choose('heart-live', 'up');
    await user.enterUntil('cannot be repaired');
    await user.sees('❯ Keep it');
    await inBursts(user, ['Keep it', 'Fix', 'Same again', 'Give up'], (row) => async () => {
      const said = row === 'Keep it' ? 'Log of' : 'to confirm: _';
      await user.sees(said);
      user.press('escape');
      await user.seesNoMore(said);
    });
    expect(await other.deployments('heart-live')).toEqual(['default', 'xgboost-model-2']);
  });
});

describe('several keys in one write', () => {
  journey('three Enters never act on two screens', async (desk) => {
    await desk.startSandbox();
    const other = await desk.otherClient();
    const user = await desk.wizard();
    const thrice = (): WizardUser => user.press('enter', 'enter', 'enter');

    thrice();
    await user.on('endpoint');
    await user.sees('❯ Create endpoint');
    expect(await other.endpoints()).toEqual([]);
    thrice();
    await user.on('model');
    await user.sees('❯ Review');
    expect(await other.endpoints()).toHaveLength(1);
    const [endpoint = ''] = await other.endpoints();
    thrice();
    await user.sees('to be registered as');
    expect(await other.models()).toEqual([]);
    thrice();
    await user.on('blue');
    await user.sees('❯ Create default');
    expect(await other.deployments(endpoint)).toEqual([]);
    thrice();
    await user.on('test');
    await user.sees('❯ Send the rows');

    await user.enterUntil('staged: 90 / 10');
    await user.on('traffic');
    thrice();
    await user.sees(/GREEN \S+ 10%/);
    await user.on('traffic');
    await user.sees('staged: 70 / 30');
    expect(await other.traffic(endpoint)).toEqual({ default: 90, 'xgboost-model-2': 10 });
  });

  journey('→ ten times and Enter stage and send what the keys say', async (desk) => {
    await desk.startSandbox();
    const other = await desk.otherClient();
    const user = await desk.wizard();
    await user.enterUntil('staged: 90 / 10');
    await user.on('traffic');
    user.press('0', 'right', 'right', 'shiftRight', 'left', 'pageUp', 'right', 'enter');
    await user.sees('GREEN xgboost-model-2 22%');
    await user.on('traffic');
    const [endpoint = ''] = await other.endpoints();
    expect(await other.traffic(endpoint)).toEqual({ default: 78, 'xgboost-model-2': 22 });
  });
});
