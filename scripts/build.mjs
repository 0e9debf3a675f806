// Bundles the program into dist/, so that it starts fast. Run by `prepare` and by the tests.
// With --keep older files stay: a program that runs from dist/ still loads them on first use.
// With --if-installed it is no failure that esbuild is not there, as after `npm ci --omit=dev`.
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { licencesOf } from './licences.mjs';

const esbuild = await import('esbuild').catch(() => undefined);
if (!esbuild) {
  console.error('dist/ was not built: esbuild is a development dependency, run `npm ci` for it.');
  process.exit(process.argv.includes('--if-installed') ? 0 : 1);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, dependencies, peerDependencies } = JSON.parse(
  await readFile(new URL('../package.json', import.meta.url), 'utf8'),
);

// Bundled for speed: hundreds of small files start slowly. Azure's clients and what draws the report's
// charts are chunks that load on first use; sign-in and the sandbox's servers stay packages.
const bundled = new Set([
  '@azure/arm-machinelearning',
  '@azure/core-rest-pipeline',
  '@azure/monitor-query-logs',
  '@azure/storage-blob',
  '@observablehq/plot',
  'commander',
  'conf',
  'https-proxy-agent',
  'ignore',
  'ink',
  'is-unicode-supported',
  'jstat',
  'linkedom',
  'p-limit',
  'papaparse',
  'pure-rand',
  'react',
  'string-width',
  'undici',
  'yaml',
  'zod',
]);
const external = [...Object.keys(dependencies), ...Object.keys(peerDependencies)].filter(
  (name) => !bundled.has(name),
);

const { outputFiles, metafile } = await esbuild.build({
  write: false,
  metafile: true,
  absWorkingDir: root,
  entryPoints: {
    main: 'src/main.ts',
    'scoring-worker': 'src/sandbox/scoring/worker.ts',
    'azurite-worker': 'src/sandbox/azurite-worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external,
  minifySyntax: true,
  sourcemap: true,
  jsx: 'automatic',
  // React's development build leaks a performance entry per render.
  define: { 'process.env.NODE_ENV': '"production"', __VERSION__: JSON.stringify(version) },
  alias: {
    'react-devtools-core': `${root}scripts/no-devtools.mjs`,
    // Of conf: at a signal it would send the signal once more, and end a rollout before it says where traffic is.
    'when-exit': `${root}scripts/no-when-exit.mjs`,
  },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

if (!process.argv.includes('--keep')) await rm(`${root}dist`, { recursive: true, force: true });
// Whole files only, entry points last: what starts meanwhile finds all it refers to.
const entry = ({ path }) =>
  /^(main|scoring-worker|azurite-worker)\.js$/.test(relative(`${root}dist`, path));
for (const file of outputFiles.toSorted((a, b) => entry(a) - entry(b))) {
  const temporary = `${file.path}.${process.pid}`;
  await mkdir(dirname(file.path), { recursive: true });
  await writeFile(temporary, file.contents);
  if (entry(file)) await chmod(temporary, 0o755);
  await rename(temporary, file.path);
}

const { stdout } = await promisify(execFile)(process.execPath, [`${root}dist/main.js`, 'man-page']);
await writeFile(`${root}dist/aml-rollout.1`, stdout);
await writeFile(
  `${root}dist/third-party-licences.txt`,
  await licencesOf(root, Object.keys(metafile.inputs)),
);
