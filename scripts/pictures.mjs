// Draws docs/pictures/*.svg from the real program: `npm run pictures`. The built wizard runs in a
// pseudo-terminal against a fresh sandbox, as in test/e2e; what stands on the grid is drawn.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gridToSvg } from './grid-to-svg.mjs';
import { closeAll, launch } from './pty-driver.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pictures = join(root, 'docs', 'pictures');
const PATIENCE = 60_000;

async function save(app, name) {
  const svg = gridToSvg(app.terminal(), `aml-rollout: the ${name} screen`);
  await writeFile(join(pictures, `${name}.svg`), svg);
  console.log(`docs/pictures/${name}.svg`);
}

const desk = await realpath(await mkdtemp(join(tmpdir(), 'aml-rollout-pictures-')));
await mkdir(pictures, { recursive: true });
try {
  const app = launch(process.execPath, [join(root, 'dist', 'main.js'), '--time-scale', '0.2'], {
    cwd: desk,
    env: { AML_ROLLOUT_HOME: join(desk, 'home'), COLORTERM: 'truecolor' },
  });
  /** Nothing runs, and the header names the step. */
  const on = (step) =>
    app.waitFor(
      (screen) => screen.split('\n')[0].includes(` ${step} `) && !/esc (cancel|stop)/i.test(screen),
      PATIENCE,
    );
  await app.waitFor(/^ ❯ /m, PATIENCE);
  await save(app, 'start');

  // Enter alone carries a rollout to the traffic screen.
  let seen = '';
  for (let presses = 0; !/ of \d+ prove /.test(seen); presses += 1) {
    if (presses > 40) throw new Error(`Never came to the prove screen:\n${app.screen()}`);
    const before = app.screen();
    app.press('enter');
    await app.waitFor((screen) => screen !== before, PATIENCE);
    seen = (await app.waitFor((screen) => !/esc (cancel|stop)/i.test(screen), PATIENCE)).split(
      '\n',
    )[0];
  }
  app.press('enter');
  await app.waitFor(/contract|right answers/, PATIENCE);
  await on('prove');
  await save(app, 'prove');
  while (!/ of \d+ traffic /.test(app.screen())) {
    const before = app.screen();
    app.press('enter');
    await app.waitFor((screen) => screen !== before, PATIENCE);
    await app.waitFor((screen) => !/esc (cancel|stop)/i.test(screen), PATIENCE);
  }
  await on('traffic');
  app.press('enter');
  await app.waitFor(/10% → 30%/, PATIENCE);
  app.press('p');
  await app.waitFor((screen) => !screen.includes('p sends'), PATIENCE);
  await on('traffic');
  await save(app, 'traffic');
} finally {
  await closeAll();
  await rm(desk, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
