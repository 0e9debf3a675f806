// Time and memory of drawing rows from a large CSV: node test/bench/sampling.bench.mjs [megabytes]
// Needs that much free space in the folder for temporary files; prints one line of JSON. Where
// PANDAS_PYTHON names a Python that has pandas, `pandas.read_csv(...).sample(...)` runs in turn on
// the same file, and the ratios of the best of three rounds are printed too.
import { spawnSync } from 'node:child_process';
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

/** Without the start of Python and the import. */
function byPandas(python, csv) {
  const code = `import sys, time, pandas
wall, cpu = time.perf_counter(), time.process_time()
pandas.read_csv(sys.argv[1]).sample(${rows}, random_state=1)
print(time.perf_counter() - wall, time.process_time() - cpu)`;
  const { stdout, status } = spawnSync(python, ['-c', code, csv], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${python} could not run pandas.`);
  const [pandasSeconds, pandasCpu] = stdout.split(' ').map(Number);
  return { pandasSeconds, pandasCpu };
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
  const { sampleRows } = await import(pathToFileURL(bundle).href);

  const before = process.memoryUsage.rss();
  let peak = before;
  const onProgress = () => (peak = Math.max(peak, process.memoryUsage.rss()));
  const python = process.env.PANDAS_PYTHON;
  const rounds = [];
  let sample;
  for (let round = 0; round < (python ? 3 : 1); round++) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    sample = await sampleRows(csv, { rows, seed, onProgress });
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    rounds.push({ seconds, cpu: (user + system) / 1e6, ...(python && byPandas(python, csv)) });
  }
  const figure = (value, digits = 1) => Number(value.toFixed(digits));
  const best = (key) => Math.min(...rounds.map((round) => round[key]));
  console.log(
    JSON.stringify({
      node: process.version,
      fileMB: figure(sample.file.bytes / 2 ** 20, 0),
      rowsInFile: sample.file.rows,
      rowsDrawn: sample.rows.length,
      seconds: figure(best('seconds'), 2),
      cpuSeconds: figure(best('cpu'), 2),
      MBperSecond: figure(sample.file.bytes / 2 ** 20 / best('seconds'), 0),
      rssBeforeMB: figure(before / 2 ** 20),
      rssPeakMB: figure(peak / 2 ** 20),
      sha256: sample.file.sha256,
      ...(python && {
        pandasSeconds: figure(best('pandasSeconds'), 2),
        pandasCpuSeconds: figure(best('pandasCpu'), 2),
        ratio: figure(best('seconds') / best('pandasSeconds'), 2),
        cpuRatio: figure(best('cpu') / best('pandasCpu'), 2),
      }),
    }),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
