/** The README's table of keys says what the program's own lists of keys say, and no more. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DEFAULT_GATES, GATE_TITLES } from '../../../src/rollout/evidence/gates/settings.js';
import { globalBindings, viewingBindings } from '../../../src/wizard/global-keys.js';
import type { Binding } from '../../../src/wizard/keys.js';
import type { State } from '../../../src/wizard/state.js';
import { stepModule, STEPS } from '../../../src/wizard/steps/index.js';
import { MAIN } from '../../support/sandbox.js';
import type { GateName } from '../../../src/rollout/evidence/gates/registry.js';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const table = readme.slice(readme.indexOf('<!-- keys:')).split('\n\n')[1]!;
const documented = table
  .split('\n')
  .slice(2)
  .flatMap((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!));

/** Nothing is opened yet: keys that can't act are listed all the same, with the reason. */
const state: State = {
  now: 0,
  startedAt: 0,
  defaults: {
    endpoint: 'heart',
    blueFolder: '/v1',
    newFolder: '/v2',
    csv: '/heart.csv',
    seed: 1,
    keepUntil: '2030-01-01',
  },
  implied: 'workspace',
  shown: [],
  screens: {},
  overlays: [],
  log: [],
  runs: {},
  lastRun: 0,
};
/** With the keys of an opened workspace. */
const everywhere = (): Binding[] => [...globalBindings(state), ...viewingBindings(state)];
const keysOf = (bindings: readonly Binding[]) => bindings.flatMap(({ keys }) => keys);

describe('the README', () => {
  it('names every key that means the same everywhere, and every key of the traffic screen', () => {
    const traffic = keysOf(stepModule('traffic').bindings(state));
    const spelled = readme.includes('`0` … `9`') ? '12345678'.split('') : [];
    const paging = /`pageup` and `pagedown`/.test(table) ? ['pageup', 'pagedown'] : [];
    expect(everywhere().length).toBeGreaterThan(5);
    for (const key of [...keysOf(everywhere()), ...traffic]) {
      // Shown only after an abort.
      if (key === 'R') continue;
      expect([...documented, ...spelled, ...paging]).toContain(key);
    }
  });

  it('names no key that the program does not have', () => {
    const all = keysOf([...everywhere(), ...STEPS.flatMap((step) => step.bindings(state))]);
    // Lists and forms move by these without saying so.
    const known = new Set([...all, 'up', 'down', 'enter']);
    expect(documented.filter((key) => !known.has(key))).toEqual([]);
  });

  it('names every gate and how strict it is', () => {
    const rows = readme.slice(readme.indexOf('<!-- gates:')).split('\n\n')[1]!.split('\n').slice(2);
    const said = rows.map((row) =>
      row
        .split('|')
        .slice(1, 3)
        .map((cell) => cell.trim()),
    );
    const names = Object.keys(GATE_TITLES) as GateName[];
    expect(said).toEqual(names.map((name) => [GATE_TITLES[name], DEFAULT_GATES[name].mode]));
  });

  it('has every command, and only those there are', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--help']);
    // One of two names is `export|report`.
    const commands = [...stdout.matchAll(/^ {2}([a-z|]+) /gm)].flatMap((match) =>
      match[1]!.split('|'),
    );
    const there = commands.slice(commands.indexOf('wizard')).filter((name) => name !== 'help');
    const section = readme.slice(readme.indexOf('| command |')).split('\n\n')[0]!;
    const said = section
      .split('\n')
      .slice(2)
      .flatMap((row) => [...row.split('|')[1]!.matchAll(/`([a-z]+)/g)].map((match) => match[1]!));
    expect([...said, 'wizard'].toSorted()).toEqual(there.toSorted());
  });

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect(() => readFileSync(new URL(`../../../${link}`, import.meta.url))).not.toThrow();
    }
  });
});
