/** What `npm pack` puts into the package. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/sandbox.js';

interface Manifest {
  name: string;
  version: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

let folder: string;
const read = (path: string): string => readFileSync(join(folder, 'package', path), 'utf8');
const manifest = (): Manifest => JSON.parse(read('package.json')) as Manifest;

beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  // The tests' own build stays: other files of tests run it meanwhile.
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['scripts/sbom.mjs'], { cwd });
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  // As after the tour of the README.
  const reports = join(cwd, 'samples', 'rollouts', 'package-test');
  mkdirSync(reports, { recursive: true });
  writeFileSync(join(reports, 'report.md'), 'secret');
  const [made] = JSON.parse(execFileSync('npm', pack, { cwd, encoding: 'utf8' })) as [
    { filename: string },
  ];
  rmSync(reports, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, made.filename), '-C', folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('runs nothing when it is installed', () => {
    const { scripts } = manifest();
    expect(Object.keys(scripts)).toContain('prepack');
    for (const hook of ['preinstall', 'install', 'postinstall'])
      expect(scripts[hook]).toBe(undefined);
  });

  it('has no reports of rollouts that were run in its samples', () => {
    expect(existsSync(join(folder, 'package', 'samples', 'rollout.yml'))).toBe(true);
    expect(existsSync(join(folder, 'package', 'samples', 'rollouts'))).toBe(false);
  });

  it('names all that it is made of', () => {
    const bom = JSON.parse(read('sbom.cdx.json')) as {
      metadata: { component: { name: string; version: string } };
      components: { name: string; group?: string }[];
      dependencies: { ref: string; dependsOn: string[] }[];
    };
    const { name, version, dependencies } = manifest();
    expect(bom.metadata.component).toMatchObject({ name, version });
    const direct = bom.dependencies.find(({ ref }) => ref === `${name}@${version}`)!.dependsOn;
    for (const each of Object.keys(dependencies)) {
      expect(
        direct.some((ref) => ref.startsWith(`${each}@`)),
        each,
      ).toBe(true);
    }
  });

  it('has the licence of each package that is bundled', () => {
    const notices = read('dist/third-party-licences.txt');
    const named = [...notices.matchAll(/^-{80}\n(\S+) \S+, (.+)$/gm)].map((match) => match[1]!);
    expect(named).toEqual(
      expect.arrayContaining(['ink', 'react', 'conf', 'zod', 'yaml', 'undici']),
    );
    expect(new Set(named).size).toBeGreaterThan(50);
    expect(notices).toMatch(/^ink \S+, MIT\n\n(?:.*\n){0,6}.*Permission is hereby granted/m);
  });

  it('has the man page and the schema of plan files', () => {
    expect(read('dist/aml-rollout.1')).toMatch(/^\.TH AML/);
    expect(JSON.parse(read('docs/plan.schema.json'))).toHaveProperty('properties');
  });
});

describe('npx', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  let home: string;

  /** Links packages of this checkout: a registry would have to be there for `npm install`. */
  function provide(names: string[]): void {
    for (const name of names) {
      const place = join(home, 'node_modules', name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), place);
    }
  }

  const inHome = () => ({
    cwd: home,
    env: { ...process.env, AML_ROLLOUT_HOME: join(home, 'state') },
  });
  const npx = (...args: string[]) =>
    spawnSync('npx', ['--no', '--', 'aml-rollout', ...args], { ...inHome(), encoding: 'utf8' });

  beforeAll(() => {
    home = join(folder, 'project');
    const { name, version } = manifest();
    mkdirSync(join(home, 'node_modules'), { recursive: true });
    cpSync(join(folder, 'package'), join(home, 'node_modules', name), { recursive: true });
    writeFileSync(
      join(home, 'package.json'),
      JSON.stringify({ name: 'project', dependencies: { [name]: version } }),
    );
    // The packages that the manifest names, and no other.
    provide(Object.keys(manifest().dependencies));
    execFileSync('npm', ['rebuild', '--offline', '--ignore-scripts', name], { cwd: home });
  });

  it('runs the packed program', () => {
    const { version } = manifest();
    expect(npx('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  it('runs the sandbox with the packages that its message names', async () => {
    const without = npx('sandbox', '--json');
    expect(without.status).not.toBe(0);
    const named = /npm install (.+)/.exec(without.stderr)?.[1]?.split(' ') ?? [];
    expect(named.toSorted()).toEqual(Object.keys(manifest().peerDependencies).toSorted());
    provide(named);
    const sandbox = spawn(
      'npx',
      ['--no', '--', 'aml-rollout', 'sandbox', '--json', '--parent-pipe'],
      {
        ...inHome(),
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const ended = once(sandbox, 'close');
    const [line] = (await once(createInterface(sandbox.stdout), 'line')) as [string];
    expect(JSON.parse(line)).toHaveProperty('env.HTTPS_PROXY');
    sandbox.stdin.end();
    expect(await ended).toEqual([0, null]);
  });
});
