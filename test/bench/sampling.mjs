// Drawing rows from a large CSV, beside `pandas.read_csv(...).sample(...)` on the same file, without the start of
// Python and its import. BENCH_PYTHON names a Python that has pandas; else that of the conformance tests.
import { spawnSync } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundled, inFolder, median, pythonWith, ratio, root } from './runner.mjs';

export const title = 'sampling';

const SEED = 4711;

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

/** Seconds by the clock. */
function byPandas(python, csv, rows) {
  const code = `import sys, time, pandas
started = time.perf_counter()
pandas.read_csv(sys.argv[1]).sample(int(sys.argv[2]), random_state=1)
print(time.perf_counter() - started)`;
  const { stdout, status } = spawnSync(python, ['-c', code, csv, String(rows)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('pandas could not read the file.');
  return Number(stdout);
}

/** In a process of its own, whose memory is looked at after each piece of the file. */
function byUs(program, csv, rows) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, csv, String(rows)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const PROGRAM = `import { sampleRows } from './src/sampling/sample.ts';
const [path, rows] = process.argv.slice(2);
let peak = 0;
const onProgress = () => (peak = Math.max(peak, process.memoryUsage.rss()));
const started = performance.now();
await sampleRows(path, { rows: Number(rows), seed: ${SEED}, onProgress });
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, peak }));`;

export const measure = ({ quick }) =>
  inFolder(async (folder) => {
    const program = join(folder, 'sample.mjs');
    await bundled({
      stdin: { contents: PROGRAM, resolveDir: root, loader: 'ts' },
      outfile: program,
    });
    const python = pythonWith('pandas');
    const table = [];
    for (const megabytes of quick ? [256] : [256, 1024]) {
      const csv = join(folder, 'large.csv');
      await writeCsv(csv, megabytes * 2 ** 20);
      for (const rows of [5, 300]) {
        const size = megabytes === 1024 ? '1 GB' : `${megabytes} MB`;
        const ours = [];
        const pandas = [];
        for (let round = 0; round < (megabytes > 256 ? 3 : 5); round += 1) {
          ours.push(byUs(program, csv, rows));
          if (python !== undefined) pandas.push(byPandas(python, csv, rows));
        }
        const seconds = ours.map((each) => each.seconds);
        const peaks = ours.map(({ peak }) => peak / 2 ** 20);
        const what = `${rows} rows of ${size}`;
        table.push(
          {
            what: `${what} / pandas`,
            goal: '≤ 0.3',
            ...(python === undefined
              ? { notMeasured: 'no Python with pandas; BENCH_PYTHON may name one' }
              : {
                  ...ratio(seconds, pandas),
                  detail: `${median(seconds).toFixed(2)} / ${median(pandas).toFixed(2)} s`,
                }),
          },
          {
            what: `${what}: memory at most`,
            goal: '≤ 150 MB',
            unit: ' MB',
            value: median(peaks),
            low: Math.min(...peaks),
            high: Math.max(...peaks),
            detail: 'resident, the whole process',
          },
        );
      }
      await rm(csv);
    }
    return table;
  });
