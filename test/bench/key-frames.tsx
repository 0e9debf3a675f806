/** Presses keys on one screen, and prints what each took as JSON: `node key-frames.mjs SCREEN SIZE KEYS`. */
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { drawWizard } from '../../screens/draw.js';
import { KeyStdin } from '../../src/terminal/key-stdin.js';
import { screenOutput } from '../../src/terminal/screen-output.js';
import { keepMemorySmall } from '../../src/terminal/small-memory.js';
import { Store } from '../../src/wizard/store.js';
import {
  moments,
  NOW,
  onScreen,
  PLAIN,
  PROD,
  rollout,
  sample,
  tested,
} from '../support/wizard-states.js';

const RESULTS = 10_000;
const PACE_MS = 50;

const [screen, size = '80x24', count = '300'] = process.argv.slice(2);
const [columns = 80, rows = 24] = size.split('x').map(Number);

const written = { bytes: 0, clears: 0, at: 0 };
const stdout = Object.assign(
  new Writable({
    write(chunk: Buffer, _, done) {
      written.bytes += chunk.length;
      if (/\x1b\[[23]J/.test(chunk.toString())) written.clears += 1;
      written.at = performance.now();
      done();
    },
  }),
  { columns, rows, isTTY: true },
) as unknown as NodeJS.WriteStream;
const typed = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });

const results = {
  tested: tested(PLAIN, RESULTS),
  renames: {},
  offset: 0,
  sample: sample(PLAIN, RESULTS),
};
const onTraffic = onScreen(rollout(PROD, { share: 10 }), 'prove', results);
const { start, prove } = moments();
const vertical = ['\x1b[B', '\x1b[A'];
const found = {
  traffic: { state: onTraffic, pairs: ['\x1b[C', '\x1b[D'] },
  rows: {
    state: { ...onTraffic, overlays: [{ kind: 'rows' as const, offset: 0 }] },
    pairs: vertical,
  },
  start: { state: start, pairs: vertical },
  prove: { state: onScreen(prove!, 'test', { sample: results.sample }), pairs: vertical },
  retire: {
    state: onScreen(rollout(PROD, { share: 100 }), 'prove', results),
    pairs: vertical,
  },
}[screen ?? ''];
if (!found?.state) throw new Error(`There is no screen ${screen}.`);
const { state: shown, pairs } = found;

keepMemorySmall();
const store = new Store(shown, () => NOW);
drawWizard(
  store,
  {
    keys: new KeyStdin(typed),
    stdout: screenOutput(stdout),
    inline: false,
    spoken: false,
    onLeave: () => undefined,
    setSummary: () => undefined,
  },
  (error) => {
    throw error;
  },
);
await wait(500);

const times: number[] = [];
const warm = 20;
let cpu = process.cpuUsage();
for (let key = 0; key < Number(count) + warm; key += 1) {
  if (key === warm) {
    Object.assign(written, { bytes: 0, clears: 0 });
    cpu = process.cpuUsage();
  }
  const pressed = performance.now();
  written.at = 0;
  typed.write(pairs[key % 2]);
  // A busy machine may take longer than the pace.
  for (let turn = 0; turn < 40 && (turn === 0 || written.at === 0); turn += 1) await wait(PACE_MS);
  if (written.at === 0) throw new Error(`Key ${key} on the ${screen} screen drew nothing.`);
  if (key >= warm) times.push(written.at - pressed);
}
const { user, system } = process.cpuUsage(cpu);
times.sort((a, b) => a - b);
const at = (share: number): number => times[Math.floor(times.length * share)] ?? NaN;
console.log(
  JSON.stringify({
    keys: times.length,
    p50: at(0.5),
    p99: at(0.99),
    fastest: at(0),
    cpu: (user + system) / 1_000 / times.length,
    bytes: Math.round(written.bytes / times.length),
    cleared: written.clears,
  }),
);
process.exit();
