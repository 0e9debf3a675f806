/** Enter alone, with nothing typed, carries a whole rollout through on a fresh sandbox. */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { journey, type WizardUser } from '../support/wizard.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EVERY_STEP = [
  'endpoint',
  'model',
  'blue',
  'test',
  'new model',
  'green',
  'prove',
  'traffic',
  'retire',
  'report',
];

/** The files named on the report screen, by what they are. */
function filesNamed(user: WizardUser): Record<string, string> {
  const rows = user.screen().matchAll(/^ (\S.*?) +(\/\S+)$/gm);
  return Object.fromEntries([...rows].map(([, what = '', path = '']) => [what, path]));
}

describe('Enter alone, nothing typed', () => {
  journey(
    'goes from the start screen to the report, and the workspace says the same',
    async (desk) => {
      // Wide, so that paths are not cut off.
      const user = await desk.wizard({ columns: 200 });
      const steps = await user.enterUntil('⏎ leave');
      expect(steps).toEqual(EVERY_STEP);
      await user.sees('✔ Rollout complete');

      const other = await desk.otherClient();
      const [endpoint = ''] = await other.endpoints();
      expect(endpoint).toMatch(/^heart-classifier-[a-z0-9]{5}$/);
      expect(await other.deployments(endpoint)).toEqual(['default', 'xgboost-model-2']);
      const traffic = await other.traffic(endpoint);
      expect({ default: 0, ...traffic }).toEqual({ default: 0, 'xgboost-model-2': 100 });
      expect(await other.models()).toEqual(['heart-classifier:1', 'heart-classifier:2']);

      const files = filesNamed(user);
      expect(Object.keys(files)).toEqual(
        expect.arrayContaining([expect.stringMatching(/report/i), expect.stringMatching(/az/i)]),
      );
      for (const path of Object.values(files)) {
        expect(path.startsWith(desk.root)).toBe(true);
        expect(statSync(path).size).toBeGreaterThan(100);
      }
      const report = Object.values(files).find((path) => path.endsWith('report.md'))!;
      expect(readFileSync(report, 'utf8')).toContain(endpoint);
      const script = Object.values(files).find((path) => path.endsWith('.sh'))!;
      expect(readFileSync(script, 'utf8')).toMatch(
        /az ml online-endpoint update[\s\S]*xgboost-model-2=100/,
      );

      user.press('enter');
      expect((await user.leaves()).exitCode).toBe(0);
      expect(user.app.scrollback()).toContain('Rollout complete.');
      expect(user.app.raw()).not.toContain('\x1b[3J');
    },
  );

  journey('works from `npm start` in a checkout', async (desk) => {
    const user = desk.launchProgram('npm', ['start', '--', '--time-scale', '0.1'], { cwd: ROOT });
    await user.sees('❯ sandbox');
    user.press('enter');
    await user.on('endpoint');
    user.press('enter');
    await user.on('model');
    user.press('q');
    expect((await user.leaves()).exitCode).toBe(0);
  });
});
