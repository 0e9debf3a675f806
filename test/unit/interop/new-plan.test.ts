import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Deployment } from '../../../src/azure/types.js';
import { newPlanYaml } from '../../../src/interop/new-plan.js';
import { readPlanFile } from '../../../src/interop/plan-file.js';

const deployment = (name: string, model: string): Deployment => ({
  id: name,
  name,
  endpointName: 'heart',
  provisioningState: 'Succeeded',
  model,
  instanceType: 'Standard_F4s_v2',
  instanceCount: 2,
  tags: {},
  environmentVariables: {},
});

const plan = (blue: Deployment | undefined, deployments: Deployment[]) =>
  readPlanFile(
    newPlanYaml({ endpoint: 'heart', deployments, ...(blue && { blue }) }),
    'rollout.yml',
  );

describe('a new plan', () => {
  it('replaces what serves by the newest version of its model, beside a name that is free', () => {
    const blue = deployment('default', 'azureml:heart-classifier:7');
    const {
      endpoint,
      green,
      weights,
      onFail,
      retire,
      blue: created,
    } = plan(blue, [blue, deployment('green', 'azureml:heart-classifier:6')]);
    expect(endpoint).toMatchObject({ name: 'heart', auth: 'key' });
    expect(created).toBeUndefined();
    expect(green).toMatchObject({
      name: 'blue',
      model: { name: 'heart-classifier', version: '@latest' },
    });
    expect({ weights, onFail, retire }).toEqual({
      weights: [10, 30, 50, 80, 100],
      onFail: 'rollback',
      retire: 'keep',
    });
  });

  it('asks for a new version where blue serves the newest one', () => {
    const blue = deployment('default', 'azureml:heart-classifier:7');
    const text = (newest: string) =>
      newPlanYaml({ endpoint: 'heart', deployments: [blue], blue, newest });
    expect(readPlanFile(text('8'), 'rollout.yml').green.model.version).toBe('@latest');
    const { model } = readPlanFile(text('7'), 'rollout.yml').green;
    expect(model).toEqual({ name: 'heart-classifier', path: './your-model-folder' });
    expect(text('7')).toContain('Blue serves the newest version.');
  });

  it('creates blue first where nothing serves', () => {
    expect(plan(undefined, []).blue).toMatchObject({ name: 'blue', instanceCount: 1 });
    expect(plan(undefined, []).green.name).toBe('green');
  });

  it.each(['1.10', 'yes', 'null', '0x1F'])('takes the model name %j for text', (name) => {
    const blue = deployment('default', `azureml:${name}:1`);
    expect(plan(blue, [blue]).green.model.name).toBe(name);
  });

  it('takes nothing of a name for keys of its own', () => {
    const name = 'x\nretire: {delete: default}\n# ';
    const blue = deployment('default', `/a/models/${name}/versions/1`);
    const read = parse(newPlanYaml({ endpoint: 'heart', deployments: [blue], blue })) as {
      retire: unknown;
      green: { model: { name: string } };
    };
    expect(read.retire).toBe('keep');
    expect(read.green.model.name).toBe(name);
  });
});
