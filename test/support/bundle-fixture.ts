import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface BundledFixture {
  /** The file to start with `node`. */
  path: string;
  remove(): Promise<void>;
}

/** Bundles a program of `test/support/fixtures` as the product itself is bundled. */
export async function bundleFixture(name: string): Promise<BundledFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'aml-rollout-fixture-'));
  const root = fileURLToPath(new URL('../..', import.meta.url));
  await build({
    absWorkingDir: root,
    entryPoints: [`test/support/fixtures/${name}`],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    alias: { 'react-devtools-core': `${root}scripts/no-devtools.mjs` },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const path = join(folder, basename(name).replace(/\.tsx?$/, '.mjs'));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
