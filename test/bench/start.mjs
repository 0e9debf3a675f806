// From a command to its first output, beside an empty Node.js and the smallest program that draws with Ink.
import { join } from 'node:path';
import { closeAll, launch } from '../../scripts/pty-driver.mjs';
import { bundled, inFolder, inTurns, main, median, node, ratio, root } from './runner.mjs';

export const title = 'start';

const HELLO = `import { render, Text } from 'ink';
import { createElement } from 'react';
render(createElement(Text, undefined, 'hello from Ink'));
setInterval(() => {}, 1000);`;

async function inTerminal(args, wanted, folder) {
  const app = launch(process.execPath, args, {
    cwd: folder,
    env: { AML_ROLLOUT_HOME: join(folder, 'home') },
  });
  await app.waitFor(wanted);
  await closeAll();
}

export const measure = ({ quick }) =>
  inFolder(async (folder) => {
    const hello = join(folder, 'hello.mjs');
    await bundled({ stdin: { contents: HELLO, resolveDir: root }, outfile: hello });
    const times = await inTurns(
      {
        node: () => node('-e', '0'),
        version: () => node(main, '--version'),
        help: () => node(main, '--help'),
        hello: () => inTerminal([hello], 'hello from Ink', folder),
        screen: () => inTerminal([main], '❯ sandbox', folder),
      },
      quick ? 5 : 25,
    );
    const row = (what, of, to, goal) => ({
      what,
      goal,
      ...ratio(times[of], times[to]),
      detail: `${median(times[of]).toFixed(0)} / ${median(times[to]).toFixed(0)} ms`,
    });
    return [
      row('first usable screen / bundled Ink hello-world', 'screen', 'hello', '≤ 1.3'),
      row('`--version` / empty node', 'version', 'node', '≤ 1.2'),
      row('`--help` / empty node', 'help', 'node', '≤ 1.2'),
    ];
  });
