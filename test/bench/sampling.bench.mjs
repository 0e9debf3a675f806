// Time and memory of drawing rows from a large CSV: node test/bench/sampling.bench.mjs [megabytes]
// Needs that much free space in the folder for temporary files; prints one line of JSON.
import { build } from 'esbuild';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const megabytes = Number(process.argv[2] ?? 1024);
const rows = 300;
const seed = 4711;
const folder = await mkdtemp(join(tmpdir(), 'aml-rollout-bench-'));

/** Rows of mixed width, one in ten with quotes, commas and a line break inside a cell. */
async function writeCsv(path, bytes) {
  const file = await open(path, 'w');
  try {
    await file.write('id,age,chol,note,thal,target\n');
    for (let written = 0, id = 1; written < bytes;) {
      let block = '';
      for (let line = 0; line < 20_000; line++, id++) {
        const note = id % 10 === 0 ? `"said ""yes"", twice\n${id}"` : `note ${id}`;
        block += `${id},${29 + (id % 48)},${126 + ((id * 7) % 400)}.5,${note},normal,${id % 2}\n`;
      }
      written += (await file.write(block)).bytesWritten;
    }
  } finally {
    await file.close();
  }
}

try {
  const csv = join(folder, 'large.csv');
  await writeCsv(csv, megabytes * 1024 * 1024);

  const bundle = join(folder, 'sample.mjs');
  await build({
    entryPoints: [new URL('../../src/sampling/sample.ts', import.meta.url).pathname],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // papaparse is CommonJS and asks for `stream`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  const { sampleCsv } = await import(pathToFileURL(bundle).href);

  const before = process.memoryUsage.rss();
  let peak = before;
  const started = performance.now();
  const onProgress = () => (peak = Math.max(peak, process.memoryUsage.rss()));
  const sample = await sampleCsv(csv, { rows, seed, onProgress });
  const seconds = (performance.now() - started) / 1000;
  const figure = (value, digits = 1) => Number(value.toFixed(digits));
  console.log(
    JSON.stringify({
      node: process.version,
      fileMB: figure(sample.file.bytes / 2 ** 20, 0),
      rowsInFile: sample.file.rows,
      rowsDrawn: sample.rows.length,
      seconds: figure(seconds),
      MBperSecond: figure(sample.file.bytes / 2 ** 20 / seconds, 0),
      rssBeforeMB: figure(before / 2 ** 20),
      rssPeakGrowthMB: figure((peak - before) / 2 ** 20),
      sha256: sample.file.sha256,
    }),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
