/** A person whose new version is the artifact of a run, and whose deployment needs no egress. */
import { describe, expect } from 'vitest';
import { serveBlue } from '../support/live-endpoint.js';
import { logRun } from '../support/job-model.js';
import { journey } from '../support/wizard.js';

describe('a model that no folder holds', () => {
  journey('is found among the jobs, read before it is registered, and packaged', async (desk) => {
    const sandbox = await desk.startSandbox();
    const other = await desk.otherClient();
    await serveBlue(other.arm, 'heart-jobs');
    const run = await logRun(other.arm, sandbox, 'v2');

    const user = await desk.wizard();
    await user.choose('sandbox');
    await user.on('endpoint');
    await user.choose('heart-jobs', 'up');
    await user.on('new model');
    user.press('escape');
    await user.sees('job train-v2');
    await user.choose('job train-v2');
    await user.sees(`${run.slice(-12)}/outputs/artifacts/paths/model`);
    await user.moveTo('Review', 'tab');
    user.press('enter');
    await user.sees('to be registered as');
    // Read from where it lies, before anything is registered.
    expect(user.screen()).toMatch(/flavors +onnx, python_function/);
    expect(user.screen()).toContain("same signature as blue's model");
    user.press('enter');

    await user.on('green');
    user.press('m');
    await user.moveTo('Egress', 'up');
    user.press('right');
    await user.sees('disabled: pip and conda reach nothing');
    await user.moveTo('Package');
    user.press('right');
    await user.sees('yes, into an image first');
    await user.choose('Create ', 'tab');
    await user.on('prove');

    const [green = ''] = (await other.deployments('heart-jobs')).filter(
      (name) => name !== 'default',
    );
    const { body } = await other.arm.get(`onlineEndpoints/heart-jobs/deployments/${green}`);
    expect(body.properties).toMatchObject({
      provisioningState: 'Succeeded',
      egressPublicNetworkAccess: 'Disabled',
      environmentId: expect.stringContaining('/environments/packaged_heart_classifier_') as string,
    });
    expect(body.properties.model ?? null).toBeNull();
    // The proof knows which model it is, and fits the rows to its signature.
    await user.choose('Send', 'tab');
    await user.sees('right answers');
  });
});
