/** Killed without warning while something is under way; started again. */
import { describe, expect } from 'vitest';
import { journey } from '../support/wizard.js';
import { eventually } from '../support/eventually.js';
import { isAlive } from '../support/is-alive.js';
import { patience } from '../support/patience.js';

describe('after kill -9', () => {
  journey(
    'of a deployment: the sandbox ends too, and the next start waits it out',
    async (desk) => {
      const user = await desk.wizard();
      await user.enterUntil('Create default, then set it to 100%');
      await user.on('blue');
      await desk.fault({
        match: { method: 'PUT', path: '/deployments/default' },
        action: { slowOperationMs: patience(8_000) },
      });
      user.press('enter');
      await user.sees('create deployment default');
      const begun = await desk.otherClient();
      const [endpoint = ''] = await begun.endpoints();
      await eventually(async () =>
        expect(await begun.deploymentState(endpoint, 'default')).toBe('Creating'),
      );
      const sandbox = desk.lock().pid;
      expect(isAlive(sandbox)).toBe(true);
      user.app.kill('SIGKILL');
      await user.leaves();
      await eventually(() => expect(isAlive(sandbox)).toBe(false), { withinMs: 2_000 });

      const again = await desk.wizard();
      await again.sees('create deployment default was under way');
      again.press('enter');
      await again.sees('began earlier');
      await again.on('blue');
      await again.sees('Send all traffic to default');
      const other = await desk.otherClient();
      expect(await other.deploymentState(endpoint, 'default')).toBe('Succeeded');
      again.press('enter');
      await again.on('test');
      expect(await other.traffic(endpoint)).toEqual({ default: 100 });
    },
  );

  journey(
    'of a traffic write: the next start waits for it, and the split is as asked',
    async (desk) => {
      await desk.startSandbox();
      const other = await desk.otherClient();
      const user = await desk.wizard();
      await user.enterUntil('staged: 90 / 10');
      await user.on('traffic');
      await desk.fault({
        match: { path: '/onlineEndpoints/' },
        action: { slowOperationMs: patience(4_000) },
      });
      user.press('enter');
      await user.sees('Esc stop waiting');
      const [endpoint = ''] = await other.endpoints();
      await eventually(async () => expect(await other.endpointState(endpoint)).toBe('Updating'));
      user.app.kill('SIGKILL');
      await user.leaves();
      expect(await other.traffic(endpoint)).toEqual({ default: 100 });

      const again = await desk.wizard();
      await again.sees(`❯ ${endpoint}`);
      again.press('enter');
      await again.sees('began earlier');
      await again.sees(/GREEN xgboost-model-2 10%/);
      await again.on('traffic');
      expect(await other.traffic(endpoint)).toEqual({ default: 90, 'xgboost-model-2': 10 });
      again.press('u');
      await again.sees(/GREEN xgboost-model-2 0%/);
    },
  );
});
