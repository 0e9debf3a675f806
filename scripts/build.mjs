// Bundles the program into dist/, so that it starts fast. Run by `prepare` and by the tests.
// With --keep older files stay: a program that runs from dist/ still loads them on first use.
// With --if-missing, as before `npm start`, what is built stays as it is.
// With --if-installed it is no failure that rolldown is not there, as after `npm ci --omit=dev`.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ALIASES } from './aliases.mjs';
import { licencesOf } from './licences.mjs';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
if (process.argv.includes('--if-missing') && existsSync(main)) process.exit();

const bundler = await import('rolldown').catch(() => undefined);
if (!bundler) {
  console.error('dist/ was not built: rolldown is a development dependency, run `npm ci` for it.');
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
  '@peculiar/x509',
  'commander',
  'conf',
  'https-proxy-agent',
  'ignore',
  'ink',
  'ink-select-input',
  'is-unicode-supported',
  'jstat',
  'linkedom',
  'p-limit',
  'papaparse',
  'pure-rand',
  'react',
  'string-width',
  'undici',
  'wrap-ansi',
  'yaml',
  'zod',
]);
const external = [...Object.keys(dependencies), ...Object.keys(peerDependencies)].filter(
  (name) => !bundled.has(name),
);

const isExternal = (id) => external.some((name) => id === name || id.startsWith(`${name}/`));

// What a start loads is in few files: finding and opening one takes longer than compiling it. Each is the
// modules that all of a list import, without what they load on first use; a module is in the first that has it.
// What the sandbox and its threads share with a rollout is apart: they would load all of it for a few functions.
const FILES = {
  start: [
    ['src/main.ts'],
    ['src/cli/carry-plan.ts', 'src/sandbox/scoring/worker.ts'],
    ['src/cli/carry-plan.ts', 'src/sandbox/serve.ts'],
  ],
  program: [['src/cli/program.ts']],
  common: [['src/cli/carry-plan.ts', 'src/cli/wizard-session.ts']],
  checks: [['src/wizard/effects/saved.ts', 'src/sandbox/index.ts']],
  shared: [['src/cli/carry-plan.ts', 'src/sandbox/index.ts']],
  saved: [['src/wizard/effects/saved.ts']],
  screen: [['src/cli/wizard-session.ts']],
  rollout: [['src/cli/carry-plan.ts', 'src/cli/wizard-loop.ts']],
  wizard: [['src/cli/wizard-loop.ts']],
};

const imported = new Map();
/** All modules that one imports, by way of others too. */
function importedBy(source, context) {
  const known = imported.get(source);
  if (known) return known;
  // Without itself: an entry that waits for what it loads must not be waited for by it.
  const all = new Set(context.getModuleInfo(`${root}${source}`)?.importedIds);
  for (const id of all)
    for (const each of context.getModuleInfo(id)?.importedIds ?? []) all.add(each);
  imported.set(source, all);
  return all;
}

/** What packages do or load that this program has no use for: each is a part of a file, and what stands instead. */
const NOT_NEEDED = [
  // It would fetch its own WebAssembly from a data: address, for which Node.js loads all of its HTTP client.
  [/yoga-wasm-base64-esm\.js$/, /"function"!=typeof fetch/, 'true'],
  // For commands that are programs of their own.
  [/commander[\\/]lib[\\/]command\.js$/, /require\('node:child_process'\)/, '{}'],
  // Of undici, requests over HTTP/1.1: its fetch, WebSockets, caches and mocks would stay in memory.
  [
    /undici[\\/]index\.js$/,
    /require\('\.\/lib\/(?:cache|handler|interceptor|mock|web)\/[\w\-/]+'\)/,
    '{}',
  ],
  [/undici[\\/]index\.js$/, /new CacheStorage\(kConstruct\)/, '{}'],
  [/undici[\\/]lib[\\/]dispatcher[\\/]client\.js$/, /require\('\.\/client-h2\.js'\)/, '{}'],
  [
    /undici[\\/]lib[\\/]dispatcher[\\/]client-h1\.js$/,
    /require\('\.\.\/web\/fetch\/body\.js'\)/,
    '{}',
  ],
  // The mention alone makes Node.js load its own fetch, with a second parser of HTTP.
  [
    /ts-http-runtime[\\/]dist[\\/]\w+[\\/](?:formData|client[\\/]sendRequest)\.js$/,
    /typeof FormData !== "undefined" && body instanceof FormData/,
    'false',
  ],
];
const cuts = NOT_NEEDED.map(([id, part, instead]) => ({
  name: `without ${part}`,
  transform: {
    filter: { id },
    handler(code) {
      if (!part.test(code)) throw new Error(`There is no ${part} any more.`);
      return { code: code.replaceAll(new RegExp(part, 'g'), instead), map: null };
    },
  },
}));

const bundle = await bundler.rolldown({
  cwd: root,
  plugins: cuts,
  input: {
    main: 'src/main.ts',
    'scoring-worker': 'src/sandbox/scoring/worker.ts',
    'azurite-worker': 'src/sandbox/azurite-worker.ts',
  },
  platform: 'node',
  // What is loaded on first use by one command may be loaded at once by another.
  checks: { ineffectiveDynamicImport: false },
  external: isExternal,
  transform: {
    jsx: 'react-jsx',
    target: 'node20.19',
    // React's development build leaks a performance entry per render.
    define: { 'process.env.NODE_ENV': '"production"', __VERSION__: JSON.stringify(version) },
  },
  resolve: { alias: ALIASES },
});
const { output } = await bundle.generate({
  format: 'esm',
  sourcemap: true,
  // One character beyond Latin-1 makes V8 keep all of a file at two bytes a character.
  charset: 'ascii',
  // Names stay, for stack traces and for libraries that tell classes by theirs.
  minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
  chunkFileNames: '[name]-[hash].js',
  codeSplitting: {
    groups: Object.entries(FILES).map(([file, lists], at) => ({
      debugName: file,
      name: (id, context) =>
        lists.some((list) => list.every((source) => importedBy(source, context).has(id)))
          ? file
          : undefined,
      priority: 10 - at,
    })),
  },
});
await bundle.close();

if (!process.argv.includes('--keep')) await rm(`${root}dist`, { recursive: true, force: true });
// Whole files only, entry points last: what starts meanwhile finds all it refers to.
const entry = ({ fileName }) => /^(main|scoring-worker|azurite-worker)\.js$/.test(fileName);
for (const file of output.toSorted((a, b) => entry(a) - entry(b))) {
  const path = `${root}dist/${file.fileName}`;
  const temporary = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, file.type === 'chunk' ? file.code : file.source);
  if (entry(file)) await chmod(temporary, 0o755);
  await rename(temporary, path);
}

const printed = async (command) =>
  (await promisify(execFile)(process.execPath, [`${root}dist/main.js`, command])).stdout;
await writeFile(`${root}dist/aml-rollout.1`, await printed('man-page'));
// What `--help` prints, without loading the commands.
await writeFile(`${root}dist/help.txt`, await printed('help'));
await writeFile(
  `${root}dist/third-party-licences.txt`,
  await licencesOf(
    root,
    output.flatMap(({ moduleIds = [] }) => moduleIds).map((id) => relative(root, id)),
  ),
);
