/** A person who types names, goes back, changes their mind, quits, comes back and cleans up. */
import { describe, expect } from 'vitest';
import { journey } from '../support/wizard.js';

describe('with one’s own names', () => {
  journey('goes back, undoes, aborts, quits, comes back, finishes and deletes', async (desk) => {
    desk.sample('heart-classifier/v1', 'models/first');
    desk.sample('heart-classifier/v2', 'models/second');
    desk.sample('heart.csv', 'patients.csv');
    await desk.startSandbox();
    const other = await desk.otherClient();

    const user = await desk.wizard();
    await user.choose('sandbox');
    await user.on('endpoint');
    await user.fill('Name', 'my-endpoint');
    await user.choose('Create endpoint', 'tab');

    await user.on('model');
    await user.fill('Folder', './models/first');
    await user.fill('Model', 'my-heart');
    await user.choose('Review, then register', 'tab');
    await user.sees('to be registered as');
    user.press('escape');
    await user.sees('Review, then register');
    expect(user.screen()).toContain('./models/first');
    expect(user.screen()).toContain('my-heart');
    await user.choose('Review, then register', 'tab');
    await user.sees('to be registered as');
    user.press('enter');

    await user.on('blue');
    await user.fill('Name', 'my-blue');
    await user.choose('Create my-blue', 'tab');
    await user.on('test');
    await user.fill('Rows from', 'patients.csv');
    await user.fill('Rows', '3');
    await user.choose('Send the rows', 'tab');
    await user.sees('send other rows');
    expect(user.screen()).toContain('my-blue');
    user.press('enter');

    // Going back is looking: nothing that exists is undone by it.
    await user.on('new model');
    user.press('escape');
    await user.sees('❯ my-heart 1');
    user.press('escape');
    await user.on('test');
    user.press('escape');
    await user.on('blue');
    expect(await other.deployments('my-endpoint')).toEqual(['my-blue']);
    user.press('enter');
    await user.on('test');
    user.press('enter');
    await user.on('new model');
    await user.fill('Folder', './models/second');
    expect(user.screen()).toMatch(/Model +my-heart/);
    await user.choose('Review, then register', 'tab');
    await user.sees('to be registered as');
    user.press('enter');

    await user.on('green');
    await user.fill('Name', 'my-green');
    await user.choose('Create my-green at 0%', 'tab');
    await user.on('prove');
    expect(user.screen()).toContain('patients.csv');
    await user.choose('Send the same rows', 'tab');
    await user.enterUntil('of 11 traffic');

    await user.on('traffic');
    user.press('3');
    await user.sees('staged: 70 / 30');
    expect(await other.traffic('my-endpoint')).toEqual({ 'my-blue': 100 });
    user.press('enter');
    await user.sees('GREEN my-green 30%');
    await user.on('traffic');
    user.press('5', 'enter');
    await user.sees('GREEN my-green 50%');
    await user.on('traffic');
    user.press('u');
    await user.sees('BLUE my-blue 70%    GREEN my-green 30%    staged: nothing');
    await user.on('traffic');
    expect(await other.traffic('my-endpoint')).toEqual({ 'my-blue': 70, 'my-green': 30 });

    user.press('A');
    await user.sees('❯ Abort: back to my-blue=100');
    user.press('enter');
    await user.sees('BLUE my-blue 100%    GREEN my-green 0%');
    await user.on('traffic');
    user.press('u');
    await user.sees('Nothing to undo');
    expect((await other.traffic('my-endpoint'))['my-green'] ?? 0).toBe(0);
    user.press('q');
    expect((await user.leaves()).exitCode).toBe(0);
    expect(user.app.scrollback()).toContain('my-endpoint: my-blue=100');

    const again = await desk.wizard();
    await again.choose('my-endpoint');
    await again.on('traffic');
    again.press('f');
    await again.sees('staged: 0 / 100');
    again.press('enter');
    await again.sees('GREEN my-green 100%');
    await again.sees('⏎ next');
    again.press('enter');
    await again.on('retire');
    await again.choose('Delete');
    await again.typesName('my-blue');
    await again.on('report');
    await again.sees('✔ Rollout complete');
    expect(await other.deployments('my-endpoint')).toEqual(['my-green']);

    again.press('D');
    await again.sees('Type my-endpoint to confirm');
    again.press('enter');
    again.app.write('my-green');
    await again.sees('confirm: my-green_');
    again.press('enter', 'escape');
    await again.seesNoMore('confirm:');
    expect(await other.endpoints()).toEqual(['my-endpoint']);
    again.press('D');
    await again.typesName('my-endpoint');
    await again.sees('The endpoint is deleted.');
    expect(await other.endpoints()).toEqual([]);
    again.press('q');
    expect((await again.leaves()).exitCode).toBe(0);
  });

  journey('rolls back from the start screen with b and one confirm', async (desk) => {
    await desk.startSandbox();
    const other = await desk.otherClient();
    const user = await desk.wizard();
    await user.enterUntil('staged: 70 / 30');
    await user.on('traffic');
    user.press('enter');
    await user.sees(/GREEN \S+ 30%/);
    await user.on('traffic');
    user.press('q');
    await user.sees('Leave while green has traffic?');
    await user.choose('Leave');
    await user.leaves();
    const [endpoint = ''] = await other.endpoints();
    expect(await other.traffic(endpoint)).toEqual({ default: 70, 'xgboost-model-2': 30 });
    expect(user.app.scrollback()).toContain(`aml-rollout rollback ${endpoint}`);

    const again = await desk.wizard();
    await again.sees(`❯ ${endpoint}`);
    expect(again.screen()).toContain('Green at 30%');
    again.press('b');
    await again.sees('❯ Roll back now: default=100');
    expect(await other.traffic(endpoint)).toEqual({ default: 70, 'xgboost-model-2': 30 });
    again.press('enter');
    await again.sees('BLUE default 100%');
    expect((await other.traffic(endpoint))['default']).toBe(100);
  });
});
