import { writeFileSync } from 'node:fs';
import { cleanup } from 'ink-testing-library';
import { afterEach, test } from 'vitest';
import { draw, LARGE } from '../support/wizard-screen.js';
import { moments } from '../support/wizard-states.js';
afterEach(cleanup);
test('dump', async () => {
  let out = '';
  for (const [name, state] of Object.entries(moments())) {
    const d = await draw(state);
    out += `\n######## ${name} (${d.lines().length}) ${d.errors.join()}\n${d.frame()}\n`;
    cleanup();
  }
  const d = await draw(moments()['traffic, staged']!, { size: LARGE });
  out += `\n#### large\n${d.frame()}`;
  writeFileSync('/tmp/scr_dump.txt', out);
});
