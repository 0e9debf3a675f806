// From a key to the last byte of its frame, with 10,000 results in the state: the real screens, store and
// key reader in a process of their own, at a pace of 20 keys a second.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { bundled, inFolder } from './runner.mjs';

export const title = 'keys';

const SIZES = ['80x24', '200x60'];
const SCREENS = {
  traffic: 'traffic screen',
  rows: 'rows screen',
  start: 'start screen',
  prove: 'prove screen',
  retire: 'retire screen',
};

export const measure = ({ quick }) =>
  inFolder(async (folder) => {
    const program = join(folder, 'keys.mjs');
    await bundled({
      entryPoints: [fileURLToPath(new URL('key-frames.tsx', import.meta.url))],
      outfile: program,
    });
    return SIZES.flatMap((size) =>
      Object.entries(SCREENS).map(([screen, name]) => {
        const args = [program, screen, size, quick ? '60' : '300'];
        const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
        if (status !== 0) throw new Error(stderr);
        const { p50, p99, fastest, cpu, bytes, cleared, keys } = JSON.parse(stdout);
        return {
          what: `key to finished frame, ${name}, 10,000 results, ${size}: p99`,
          goal: '≤ 16 ms',
          unit: ' ms',
          value: p99,
          low: fastest,
          high: p99,
          detail:
            `median ${p50.toFixed(1)} ms, ${cpu.toFixed(1)} ms of processor a key, ` +
            `${bytes} bytes a key, screen cleared ${cleared} times in ${keys} keys`,
        };
      }),
    );
  });
