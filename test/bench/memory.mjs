// Memory of the wizard while it watches live traffic for an hour, of a clock that runs a minute a second.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { closeAll, launch } from '../../scripts/pty-driver.mjs';
import { inFolder, main, quantile, root } from './runner.mjs';

export const title = 'memory';

const FASTER = 60;
const STEPS = 60;
const PATIENCE_MS = 60_000;

const megabytes = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Enter, whenever the screen offers it, until the screen holds this text. */
async function enterUntil(app, wanted) {
  const plain = (screen) => screen.replaceAll(/\d+/g, '');
  let last = '';
  for (let step = 0; step < STEPS; step += 1) {
    const offers = (screen) => plain(screen) !== last && screen.includes('⏎');
    await app.waitFor((screen) => screen.includes(wanted) || offers(screen), PATIENCE_MS);
    if (app.screen().includes(wanted)) return;
    last = plain(app.screen());
    app.press('enter');
  }
  throw new Error(`"${wanted}" was not seen after ${STEPS} times Enter.`);
}

export const measure = ({ quick }) =>
  inFolder(async (folder) => {
    const clock = join(root, 'test', 'support', 'fast-clock.mjs');
    const app = launch(process.execPath, [main, '--time-scale', '0.1'], {
      cwd: folder,
      env: {
        AML_ROLLOUT_HOME: join(folder, 'home'),
        NODE_OPTIONS: `--import=${clock}`,
        AMLR_TEST_FROM: String(Date.now()),
        AMLR_TEST_FACTOR: String(FASTER),
      },
    });
    try {
      await enterUntil(app, 'staged: 90 / 10');
      app.press('enter');
      await app.waitFor(/GREEN \S+ 10%/, PATIENCE_MS);
      const sizes = [];
      const minutes = quick ? 10 : 60;
      for (let minute = 0; minute < minutes; minute += 1) {
        await wait(60_000 / FASTER);
        sizes.push(megabytes(app.pid));
      }
      return [
        {
          what: 'memory of the wizard after an hour of watching',
          goal: '≤ 120 MB',
          unit: ' MB',
          value: quantile(sizes.slice(-10), 0.5),
          low: quantile(sizes, 0.25),
          high: quantile(sizes, 0.75),
          detail: `resident; ${sizes[0].toFixed(0)} MB after the first of ${minutes} minutes`,
        },
      ];
    } finally {
      await closeAll();
    }
  });
