import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SavedConnection } from '../../../src/profiles/profile.js';
import { ProfileStore } from '../../../src/profiles/store.js';
import { bundleFixture } from '../../support/bundle-fixture.js';

const CONNECTION: SavedConnection = {
  subscriptionId: '6f3e0c2a-1111-2222-3333-444455556666',
  resourceGroup: 'rg-ml',
  workspaceName: 'ml-prod',
  cloud: 'public',
  signIn: 'cli',
};

let folder: string;
let time: number;
let store: ProfileStore;

const now = (): Date => new Date((time += 1_000));
const file = (): string => join(folder, 'config.json');
const written = (): string => readFileSync(file(), 'utf8');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aml-rollout-profiles-'));
  time = Date.parse('2026-03-04T05:06:00Z');
  store = new ProfileStore(folder, now);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('profiles', () => {
  it('are empty at first, and looking writes nothing', () => {
    expect(store.list()).toEqual([]);
    expect(store.find('x')).toBeUndefined();
    expect(store.preferences()).toEqual({});
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are kept across processes, in a file of their owner alone', () => {
    const added = store.add({ name: ' ml-prod ', prod: true, connection: CONNECTION });
    expect(new ProfileStore(folder).list()).toEqual([added]);
    expect(added).toMatchObject({ name: 'ml-prod', prod: true, connection: CONNECTION });
    if (process.platform !== 'win32') expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['config.json']);
  });

  it('make a file that others could read private again', async () => {
    store.add({ name: 'a', connection: CONNECTION });
    await chmod(file(), 0o644);
    store.touch('a');
    if (process.platform !== 'win32') expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('are listed last used first', () => {
    for (const name of ['a', 'b', 'c']) store.add({ name, connection: CONNECTION });
    store.touch('a');
    expect(store.list().map(({ name }) => name)).toEqual(['a', 'c', 'b']);
  });

  it('are renamed, edited and deleted by name or id', () => {
    const { id } = store.add({ name: 'a', connection: CONNECTION });
    store.add({ name: 'b', connection: CONNECTION });
    store.rename('A', 'dev');
    store.edit(id, { prod: true, connection: { ...CONNECTION, signIn: 'browser', tenantId: '' } });
    expect(store.find('dev')).toMatchObject({ id, prod: true, connection: { signIn: 'browser' } });
    expect(store.find('dev')?.connection).not.toHaveProperty('tenantId');
    store.remove('dev');
    expect(store.list().map(({ name }) => name)).toEqual(['b']);
  });

  it("change only their letters' case under their own name", () => {
    store.add({ name: 'dev', connection: CONNECTION });
    expect(store.rename('dev', 'Dev').name).toBe('Dev');
  });

  it.each([
    ['DEV', /"dev" already exists\. Choose another name/],
    ['  ', /needs a name/],
    ['a\x1b[31m', /control/],
    ['a\u202eb', /invisible/],
    ['x'.repeat(61), /at most 60/],
    ['Sandbox', /built-in workspace/],
  ])('refuse the name %j', (name, sentence) => {
    store.add({ name: 'dev', connection: CONNECTION });
    expect(() => store.add({ name, connection: CONNECTION })).toThrow(sentence);
    expect(store.list()).toHaveLength(1);
  });

  it('say which are saved when one is not', () => {
    store.add({ name: 'dev', connection: CONNECTION });
    expect(() => store.touch('prod')).toThrow('There is no profile "prod". Saved profiles: "dev".');
  });

  it.each([
    [{ subscriptionId: 'My Subscription' }, /az account list/],
    [{ resourceGroup: 'rg/../x' }, /resource group may hold/],
    [{ workspaceName: 'w' }, /3 to 33/],
    [{ tenantId: 'not a tenant' }, /GUID.*domain/],
    [{ proxyUrl: 'proxy:3128' }, /not a URL like/],
    [{ cloud: 'mars' as never }, /connection's cloud/],
  ])('refuse the connection with %j', (wrong, sentence) => {
    expect(() => store.add({ name: 'x', connection: { ...CONNECTION, ...wrong } })).toThrow(
      sentence,
    );
  });

  it('keep the CA file absolute, so that it is found from any folder', () => {
    const { connection } = store.add({
      name: 'x',
      connection: { ...CONNECTION, caFile: 'ca.pem' },
    });
    expect(connection.caFile).toBe(resolve('ca.pem'));
  });
});

describe('secrets', () => {
  it.each([
    { proxyUrl: 'http://user:hunter2@proxy:3128' },
    { proxyUrl: 'http://hunter2@proxy:3128' },
    { proxyUrl: 'http://proxy:3128/#pw=hunter2' },
    { identityEndpoint: 'http://u:hunter2@127.0.0.1/token' },
    { identityEndpoint: 'http://127.0.0.1/token?code=hunter2' },
  ])('are refused in %j, and not repeated in the sentence', (secret) => {
    let sentence = '';
    try {
      store.add({ name: 'x', connection: { ...CONNECTION, ...secret } });
    } catch (error) {
      sentence = (error as Error).message;
    }
    expect(sentence).toMatch(/profiles keep no secrets/);
    expect(sentence).not.toContain('hunter2');
    expect(existsSync(file())).toBe(false);
  });

  it('that a connection carries in memory are not written, nor is anything unknown', () => {
    const connection = {
      ...CONNECTION,
      identityHeader: 'hunter2',
      password: 'hunter2',
    } as SavedConnection;
    const added = store.add({ name: 'x', connection });
    store.edit(added.id, { connection });
    expect(written()).not.toContain('hunter2');
    expect(JSON.stringify(added)).not.toContain('hunter2');
  });
});

describe('a file that is not as it should be', () => {
  it('that is no JSON is kept aside and said once', () => {
    writeFileSync(file(), '{"profiles": [tr');
    expect(store.list()).toEqual([]);
    store.list();
    const aside = `${file()}.broken-2026-03-04T05-06-01`;
    expect(store.notices).toEqual([
      `${file()} was not valid JSON, so profiles start empty. It is kept as ${aside}.`,
    ]);
    expect(readFileSync(aside, 'utf8')).toBe('{"profiles": [tr');
    store.add({ name: 'a', connection: CONNECTION });
    expect(store.list()).toHaveLength(1);
  });

  it.each(['[]', 'null', '""', ''])('such as %j is kept aside too', (text) => {
    writeFileSync(file(), text);
    expect(store.list()).toEqual([]);
    expect(store.notices).toHaveLength(1);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('keeps the profiles that can be read, and the rest aside', () => {
    const kept = store.add({ name: 'good', connection: CONNECTION });
    const data = JSON.parse(written()) as { profiles: unknown[] };
    data.profiles.push({ name: 'older', subscription: 'x' }, { ...kept, name: 'bad\x1b[2J' });
    writeFileSync(file(), JSON.stringify(data));
    expect(store.list()).toEqual([kept]);
    expect(store.notices[0]).toMatch(/^2 entries of .* were left out\. .*\.broken-/);
    const aside = readdirSync(folder).find((name) => name.includes('.broken-'))!;
    expect(readFileSync(join(folder, aside), 'utf8')).toContain('older');
    expect(new ProfileStore(folder).list()).toEqual([kept]);
  });

  it("from before the first version is read, and written as today's", () => {
    const kept = store.add({ name: 'good', connection: CONNECTION });
    const { schemaVersion, ...old } = JSON.parse(written()) as Record<string, unknown>;
    writeFileSync(file(), JSON.stringify(old));
    expect(store.list()).toEqual([kept]);
    store.touch('good');
    expect(JSON.parse(written())).toMatchObject({ schemaVersion });
  });

  it('from a newer version is read but never overwritten', () => {
    store.add({ name: 'good', connection: CONNECTION });
    const newer = JSON.stringify({
      ...(JSON.parse(written()) as object),
      schemaVersion: 99,
      new: 1,
    });
    writeFileSync(file(), newer);
    expect(store.list().map(({ name }) => name)).toEqual(['good']);
    expect(store.notices[0]).toMatch(/newer aml-rollout and is only read/);
    expect(() => store.touch('good')).toThrow(/Update this program/);
    expect(written()).toBe(newer);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'that may not be written is said in a sentence',
    async () => {
      await chmod(folder, 0o500);
      expect(store.list()).toEqual([]);
      expect(() => store.add({ name: 'a', connection: CONNECTION })).toThrow(/can't be saved in/);
      await chmod(folder, 0o700);
    },
  );

  it('whose folder can not be made is said in a sentence', () => {
    writeFileSync(join(folder, 'plain'), '');
    const nowhere = new ProfileStore(join(folder, 'plain', 'config'), now);
    expect(nowhere.list()).toEqual([]);
    expect(() => nowhere.add({ name: 'a', connection: CONNECTION })).toThrow(/can't be saved in/);
  });
});

describe('preferences', () => {
  it('are set one by one, and forgotten with undefined', () => {
    store.add({ name: 'a', connection: CONNECTION });
    store.setPreferences({ lastCsv: '/data/heart.csv', sampleRows: 5 });
    store.setPreferences({ sampleRows: 7 });
    expect(new ProfileStore(folder).preferences()).toEqual({
      lastCsv: '/data/heart.csv',
      sampleRows: 7,
    });
    store.setPreferences({ lastCsv: undefined });
    expect(store.preferences()).toEqual({ sampleRows: 7 });
    expect(store.list()).toHaveLength(1);
  });
});

describe('several processes', () => {
  it('lose none of what each of them saves at the same time', async () => {
    const fixture = await bundleFixture('profiles-program.ts');
    try {
      const run = promisify(execFile);
      const env = { ...process.env, AML_ROLLOUT_HOME: folder };
      await Promise.all(
        ['a', 'b', 'c'].map((prefix) =>
          run(process.execPath, [fixture.path, 'write-many', prefix, '15'], { env }),
        ),
      );
      const names = new ProfileStore(join(folder, 'config')).list().map(({ name }) => name);
      expect(names).toHaveLength(45);
      expect(new Set(names).size).toBe(45);
    } finally {
      await fixture.remove();
    }
  });

  it('are not stopped by the lock of one that died', () => {
    // No process has this number: it is above every system's limit.
    writeFileSync(`${file()}.lock`, '2147483646');
    store.add({ name: 'a', connection: CONNECTION });
    expect(readdirSync(folder)).toEqual(['config.json']);
  });
});
