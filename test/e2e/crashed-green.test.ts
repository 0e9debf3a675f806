/** A new version that does not come up: what it was, what users notice, and what can be done. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { journey, type Desk, type WizardUser } from '../support/wizard.js';
import { serveBlue } from '../support/live-endpoint.js';

/** Registers the folder beside a live endpoint and lets green be made of it. */
async function deployGreen(desk: Desk, folder: string): Promise<WizardUser> {
  await desk.startSandbox(0.05);
  const other = await desk.otherClient();
  await serveBlue(other.arm, 'heart-live');
  const user = await desk.wizard();
  await user.choose('sandbox');
  await user.sees('heart-live');
  await user.choose('heart-live', 'up');
  await user.on('new model');
  await user.fill('Folder', folder);
  await user.choose('Review, then register', 'tab');
  await user.sees('to be registered as');
  return user;
}

function change(folder: string, file: string, edit: (text: string) => string): void {
  const path = join(folder, file);
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
}

describe('a green that crashes', () => {
  journey('for want of a package: names the line and the cause, and is given up', async (desk) => {
    const folder = desk.sample('heart-classifier/v2', 'no-monitoring');
    change(folder, 'conda.yaml', (text) => text.replace(/.*azureml-ai-monitoring.*\n/, ''));
    const user = await deployGreen(desk, folder);
    const other = await desk.otherClient();

    // The lint knows it beforehand, and Enter does not pass over it.
    expect(user.screen()).toContain('azureml-ai-monitoring');
    user.press('enter');
    await user.sees('The findings include an error');
    user.press('o');
    await user.on('green');
    const before = await other.traffic('heart-live');
    user.press('enter');
    await user.sees('create deployment xgboost-model-2 failed');
    await user.sees(/Users notice nothing:\s+default\s+still serves\./);
    expect(user.screen()).toMatch(/Log, line \d+ .*ModuleNotFoundError.*azureml/);
    expect(user.screen().replace(/\s+/g, ' ')).toContain('azureml-ai-monitoring');
    expect(user.screen()).toContain('✖ container start');
    expect(user.screen()).toMatch(/GREEN \S+ FAILED/);
    for (const choice of ['❯ Keep it', 'Fix', 'Same again', 'Give up']) {
      expect(user.screen()).toContain(choice);
    }
    expect(await other.traffic('heart-live')).toEqual(before);

    user.press('enter');
    await user.sees('Log of xgboost-model-2');
    await user.sees("No module named 'azureml");
    user.press('escape');
    await user.choose('Give up');
    await user.typesName('xgboost-model-2');
    await user.sees('The endpoint serves as before');
    expect(await other.deployments('heart-live')).toEqual(['default']);
    expect(await other.traffic('heart-live')).toEqual(before);
  });

  journey('for want of a flavor that can be served: says what is missing', async (desk) => {
    const folder = desk.sample('heart-classifier/v2', 'no-onnx');
    change(folder, 'MLmodel', (text) => text.replace(/^ {2}onnx:\n(?: {4}.*\n)+/m, ''));
    const user = await deployGreen(desk, folder);
    const other = await desk.otherClient();
    user.press('enter');
    await user.on('green');
    user.press('enter');
    await user.sees('create deployment xgboost-model-2 failed');
    await user.sees('Users notice nothing');
    expect(user.screen()).toMatch(/onnx|mlflow/i);
    expect(await other.deployments('heart-live')).toEqual(['default', 'xgboost-model-2']);
    expect((await other.traffic('heart-live'))['default']).toBe(100);
  });
});
