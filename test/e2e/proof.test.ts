/** Evidence before traffic moves and after: what the gates stop, and what it takes to go on. */
import { describe, expect } from 'vitest';
import { journey, type Desk, type WizardUser } from '../support/wizard.js';

/** A load check takes its 30 seconds, whatever the machine. */
const LOAD_MS = 60_000;

/** A fresh sandbox, Enter until `step` is reached, with the sample's own proposals. */
async function reaches(desk: Desk, step: string): Promise<WizardUser> {
  const user = await desk.wizard();
  await user.enterUntil(`of 11 ${step}`);
  await user.atRest();
  return user;
}

async function endpointOf(desk: Desk): Promise<string> {
  const [endpoint = ''] = await (await desk.otherClient()).endpoints();
  return endpoint;
}

describe('proof', () => {
  journey('a worse model gets no traffic, and going on wants a reason', async (desk) => {
    const folder = desk.sample('heart-classifier/v3-regressed', 'worse');
    const user = await reaches(desk, 'new model');
    await user.fill('Folder', folder);
    await user.choose('Review, then register', 'tab');
    await user.enterUntil('differing rows');
    await user.sees('✖ Stopped by right answers');
    expect(user.screen()).toMatch(/right answers .* ✖ fail/);
    expect(user.screen()).toMatch(/row \d+ +[01] +[01] +[01]/);

    user.press('enter');
    await user.sees('Green stays at 0%');
    expect(await (await desk.otherClient()).traffic(await endpointOf(desk))).toEqual({
      default: 100,
    });

    // What a row held is seen on the screen, and kept nowhere.
    user.press('d');
    await user.sees(/\d+ differing rows/);
    user.press('enter');
    await user.sees('the request, as the model receives it');
    expect(user.screen()).toMatch(/age +\d+ +sex +[01]/);
    user.press('escape');
    await user.sees(/\d+ differing rows/);
    user.press('escape');
    await user.seesNoMore(/\d+ differing rows/);
    expect(desk.journals()).not.toContain('thalach');

    user.press('o');
    await user.sees('Reason: _');
    user.press('enter');
    await user.sees('Reason: _');
    user.app.write('known, wanted for a drill');
    await user.sees('wanted for a drill_');
    user.press('enter');
    await user.on('traffic');
    await user.sees('failed gate overridden: known, wanted for a drill');
    expect(desk.journals()).toContain('"override":"known, wanted for a drill"');
  });

  journey('too few rows prove nothing; Enter sends more until they do', async (desk) => {
    const user = await reaches(desk, 'prove');
    await user.fill('Rows', '60');
    await user.choose('Send the same rows', 'tab');
    await user.sees('Inconclusive');
    expect(user.screen()).toMatch(/errors .* \? inconclusive/);
    expect(user.screen()).toMatch(/Green\s+stays\s+at\s+0%/);
    user.press('enter');
    await user.sees('✔ Proved: every enforced gate passed.');
    expect(user.screen()).toMatch(/\b2[67]\d of 303 rows|\b[23]\d\d of 303 rows/);
    user.press('enter');
    await user.on('traffic');
  });

  journey('green alone is loaded after a confirm that tells the rate', async (desk) => {
    const user = await reaches(desk, 'prove');
    await user.enterUntil('Proved: every enforced gate passed.');
    user.press('l');
    await user.sees('Load check');
    expect(user.screen()).toMatch(
      /At 10% of blue's busiest minute, green gets \d+ requests a minute/,
    );
    await user.choose('Send ');
    expect(desk.journals()).not.toContain('"stage":"load"');
    await user.sees(/Load: \d+ of \d+ requests? at \d+ a minute: p50/, LOAD_MS);
    expect(desk.journals()).toContain('"stage":"load"');
    await user.atRest();
    user.press('enter');
    await user.on('traffic');
  });

  journey('a router that serves another split than the configured one is caught', async (desk) => {
    const user = await reaches(desk, 'traffic');
    await desk.fault({
      match: { path: '^/score' },
      times: 1000,
      action: { serve: { default: 50, 'xgboost-model-2': 50 } },
    });
    user.press('enter');
    await user.sees('Configured is default 90%, xgboost-model-2 10%');
    await user.sees(/Rolling\s+back,\s+as\s+the\s+plan\s+requires\./);
    // Nobody said otherwise, so the split at the start is restored.
    await user.sees('BLUE default 100%');
    await user.atRest();
    expect(user.screen()).toContain('staged: nothing');
  });

  journey(
    'green is mirrored first, and the mirror goes when it gets live traffic',
    async (desk) => {
      const user = await reaches(desk, 'traffic');
      const endpoint = await endpointOf(desk);
      const other = await desk.otherClient();
      user.press('m');
      await user.sees('Percent');
      user.app.write('20');
      await user.sees('20_');
      user.press('enter');
      await user.sees('mirrored: 20%');
      expect(await other.mirror(endpoint)).toEqual({ 'xgboost-model-2': 20 });
      await user.atRest();
      user.press('enter');
      await user.sees(/split served .* 10% +✔ pass/);
      expect(await other.mirror(endpoint)).toEqual({});
      expect(await other.traffic(endpoint)).toEqual({ default: 90, 'xgboost-model-2': 10 });
    },
  );
});
