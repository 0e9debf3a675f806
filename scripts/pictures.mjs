// Draws docs/pictures/*.svg, a tour among them, and docs/pictures.md from the real program: `npm run pictures`. The
// built wizard runs in a pseudo-terminal against a fresh sandbox, as in test/e2e; what is on the grid is drawn.
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { film, frameOf, gridToSvg, PALETTES } from './grid-to-svg.mjs';
import { closeAll, launch } from './pty-driver.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pictures = join(root, 'docs', 'pictures');
const PATIENCE = 60_000;
/** Growing, so that the last row is empty until the program has drawn the new size. */
const SIZES = ['60x18', '80x24', '100x30', '120x40', '200x60'];
const USUAL = '80x24';
const TOUR = 'tour.svg';
const SCREENS = [
  ['start', 'Where to roll out: the sandbox, a saved workspace, a rollout under way'],
  ['endpoint', 'The endpoint, or the form of a new one'],
  ['model', 'The model that serves first: its files, signature and findings'],
  ['blue', 'The first deployment'],
  ['test', 'A few rows through the endpoint, as its users send them'],
  ['new model', "The new version, compared with blue's model"],
  ['green', 'The new deployment, beside blue and without traffic'],
  ['before prove', 'What is compared and by which gates, before rows are sent'],
  ['prove', 'The same rows to both, and the gates'],
  ['traffic', 'Traffic weights, staged and sent'],
  ['retire', 'What happens to blue'],
  ['report', 'The report and the scripts that repeat the rollout'],
  ['help', 'Every key of a screen'],
];

/** Pictures show a person's folder, not that of the machine that drew them. */
const FOLDER = '/home/ada/ml-models';

const fileOf = (name, size, palette) => `${name.replace(' ', '-')}-${size}-${palette}.svg`;
const drawn = new Map();
/** What the tour shows: each screen once nothing runs on it. */
const frames = [];
const SECONDS_A_FRAME = 2.5;

function record(app) {
  const frame = frameOf(app.terminal(), PALETTES.dark, [desk, FOLDER]);
  if (frame !== frames.at(-1)) frames.push(frame);
}

/** Draws the screen at every size, and returns to the usual one. */
async function draw(app, name) {
  record(app);
  for (const size of [...SIZES, USUAL]) {
    const [columns, rows] = size.split('x').map(Number);
    app.resize(columns, rows);
    await sleep(600);
    await app.waitFor((screen) => screen.split('\n').slice(-2).join('').trim() !== '', PATIENCE);
    for (const [palette, colours] of Object.entries(PALETTES)) {
      const title = `aml-rollout: the ${name} screen, ${columns} columns by ${rows} rows`;
      drawn.set(
        fileOf(name, size, palette),
        gridToSvg(app.terminal(), title, colours, [desk, FOLDER]),
      );
    }
  }
}

function page() {
  const sections = SCREENS.map(([name, what]) => {
    const link = (size, palette) => `[${palette}](pictures/${fileOf(name, size, palette)})`;
    const sizes = SIZES.map((size) => `${size}: ${link(size, 'dark')}, ${link(size, 'light')}`);
    return `## ${name[0].toUpperCase()}${name.slice(1)}\n\n${what}.\n\n![The ${name} screen](pictures/${fileOf(name, USUAL, 'dark')})\n\n${sizes.join(' · ')}\n`;
  });
  return `# Pictures of every screen

The main walk on the sandbox, drawn from the real program by \`npm run pictures\`: each screen at five terminal sizes, on a dark and on a light
background. The program uses the 16 colours of your terminal's own palette.

## Tour

The whole walk, from the start screen to the report.

![A rollout on the sandbox, screen by screen](pictures/${TOUR})

${sections.join('\n')}`;
}

const desk = await realpath(await mkdtemp(join(tmpdir(), 'pictures-')));
try {
  // The program and its samples are in that folder too: the wizard shows where a model's folder is.
  const program = join(desk, 'aml-rollout');
  await mkdir(program);
  for (const part of ['dist', 'samples', 'package.json']) {
    await cp(join(root, part), join(program, part), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(program, 'node_modules'));
  const app = launch(process.execPath, [join(program, 'dist', 'main.js'), '--time-scale', '0.2'], {
    cwd: desk,
    env: { AML_ROLLOUT_HOME: join(desk, 'home'), COLORTERM: 'truecolor' },
  });
  /** Waits until a second has changed nothing but the clock in the first line. */
  const idle = async () => {
    for (let last = ''; ;) {
      const screen = await app.waitFor((now) => !/esc (cancel|stop)/i.test(now), PATIENCE);
      const [, ...rows] = screen.split('\n');
      if (rows.join('\n') === last) return screen;
      last = rows.join('\n');
      await sleep(1000);
    }
  };
  const step = (screen) => /\d of \d+ (\w+(?: model)?)/.exec(screen.split('\n')[0])?.[1];
  /** Presses a key, and waits until the screen has changed and nothing runs. */
  const press = async (key) => {
    const before = app.screen();
    app.press(key);
    await app.waitFor((screen) => screen !== before, PATIENCE);
    return idle();
  };
  await app.waitFor(/^ ❯ /m, PATIENCE);
  await draw(app, 'start');

  // Enter alone carries a rollout to its report. What a screen shows last is its picture.
  let screen = await press('enter');
  for (let presses = 0; step(screen) !== 'traffic'; presses += 1) {
    if (presses > 40) throw new Error(`Never came to the traffic screen:\n${screen}`);
    // A form comes before what Enter makes of it: the later picture replaces it.
    const unsent = /❯ Send the same rows/.test(screen);
    await draw(app, unsent ? 'before prove' : (step(screen) ?? 'start'));
    console.log(step(screen));
    screen = await press('enter');
  }
  record(app);
  await press('enter');
  await app.waitFor(/10% → 30%/, PATIENCE);
  record(app);
  await press('p');
  await sleep(1000);
  await idle();
  await draw(app, 'traffic');
  await press('?');
  await draw(app, 'help');
  screen = await press('escape');
  for (let presses = 0; !/Rollout complete/.test(screen); presses += 1) {
    if (presses > 40) throw new Error(`Never came to the end:\n${screen}`);
    if (step(screen) === 'retire') await draw(app, 'retire');
    else record(app);
    screen = await press('enter');
  }
  await draw(app, 'report');
  const title = 'aml-rollout: a rollout on the sandbox, screen by screen';
  drawn.set(TOUR, film(app.terminal(), frames, title, PALETTES.dark, SECONDS_A_FRAME));

  await mkdir(pictures, { recursive: true });
  for (const old of await readdir(pictures)) await rm(join(pictures, old));
  for (const [file, svg] of drawn) await writeFile(join(pictures, file), svg);
  await writeFile(join(root, 'docs', 'pictures.md'), page());
  const bytes = [...drawn.values()].reduce((sum, svg) => sum + svg.length, 0);
  console.log(`${drawn.size} pictures, ${(bytes / 1e6).toFixed(1)} MB`);
} finally {
  await closeAll();
  await rm(desk, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
