// The program's own moves and gates, bundled from the sources: what a bench runs is what a rollout runs.
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = await mkdtemp(join(tmpdir(), 'aml-rollout-bench-'));
try {
  await build({
    entryPoints: [fileURLToPath(new URL('moves.ts', import.meta.url))],
    outfile: join(folder, 'program.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
    // What the moves load lazily is not run here.
    packages: 'bundle',
    banner: {
      js: "import { createRequire as cr } from 'node:module'; const require = cr(import.meta.url);",
    },
  });
  var program = await import(pathToFileURL(join(folder, 'program.mjs')).href);
} finally {
  await rm(folder, { recursive: true, force: true });
}

export const {
  proveMove,
  verifySplitMove,
  watchLive,
  MoveContext,
  newMemory,
  judge,
  clopperPearson,
  DEFAULT_GATES,
  xoroshiro128plus,
  uniformFloat64,
} = program;
