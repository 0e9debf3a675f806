/** What `npm pack` puts into the package. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/sandbox.js';

interface Manifest {
  name: string;
  version: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
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
  const [made] = JSON.parse(execFileSync('npm', pack, { cwd, encoding: 'utf8' })) as [
    { filename: string },
  ];
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
