/** The green that a plan defines, and what of blue it can be given. */
import { describe, expect, it } from 'vitest';
import { greenSpec, plannedLosses } from '../../../src/rollout/planned-spec.js';
import { PATIENT_PROBE } from '../../../src/rollout/probes.js';
import type { JournalEntry } from '../../../src/rollout/journal/entry.js';
import { evidenceProblem, planProblem, type Plan } from '../../../src/rollout/plan.js';
import { deployment } from './fixtures.js';
import { V2, plan, _, withoutBlue, AT, READY, next } from './next-move-support.js';

describe('a plan that contradicts itself', () => {
  it.each<[Partial<Plan>, string]>([
    [{ green: { ...plan.green, name: 'Default' } }, 'are both named Default'],
    [{ retire: { delete: 'x-8' } }, 'retire deletes x-8, but blue is default'],
  ])('is refused: %j', (change, sentence) => {
    expect(planProblem({ ...plan, ...change })).toContain(sentence);
  });

  it('needs rows for what is enforced, and only then', () => {
    const { evidence: __, ...blind } = plan;
    expect(evidenceProblem(blind)).toContain(
      'errors, latency, capacity, accuracy, absoluteError, split',
    );
    const gates = Object.fromEntries(
      ['errors', 'latency', 'capacity', 'accuracy', 'absoluteError', 'split'].map((name) => [
        name,
        { mode: 'off' },
      ]),
    ) as NonNullable<Plan['gates']>;
    expect(evidenceProblem({ ...blind, gates })).toBeUndefined();
    expect(evidenceProblem(plan)).toBeUndefined();
  });
});

describe("green's definition", () => {
  it("is blue's, but for the model and what the plan says", () => {
    const blue = deployment('default', {
      instanceCount: 3,
      environmentVariables: { A: '1' },
      tags: { of: 'blue' },
      description: 'the old one',
      requestSettings: {
        requestTimeoutMs: 9000,
        maxConcurrentRequestsPerInstance: 2,
        maxQueueWaitMs: 1,
      },
    });
    expect(greenSpec(plan.green, V2, blue)).toEqual({
      model: V2,
      instanceType: blue.instanceType,
      instanceCount: 3,
      description: 'the old one',
      tags: { of: 'blue' },
      environmentVariables: { A: '1' },
      requestSettings: blue.requestSettings,
      livenessProbe: expect.objectContaining({ initialDelay: 500 }),
    });
    expect(greenSpec({ ...plan.green, instanceCount: 1 }, V2, blue).instanceCount).toBe(1);
  });
});

describe('what of blue the green of a plan does not get', () => {
  const own = {
    environment: 'azureml:own:1',
    codeConfiguration: { codeId: '/codes/score/versions/1', scoringScript: 'score.py' },
    modelMountPath: '/var/model',
  };
  const members = (planned: Partial<Plan>, more: Parameters<typeof deployment>[1]) =>
    plannedLosses({ ...plan, ...planned }, deployment('default', more)).map(({ member }) => member);

  it('is what a package brings itself', () => {
    const packaged = { ...plan.green, package: true };
    const blue = deployment('default', own);
    expect(greenSpec(packaged, V2, blue)).not.toMatchObject({ environment: expect.anything() });
    expect(greenSpec(packaged, V2, blue)).not.toHaveProperty('codeConfiguration');
    expect(greenSpec(packaged, V2, blue)).not.toHaveProperty('modelMountPath');
    expect(members({ green: packaged }, own)).toEqual([
      'model_mount_path',
      'environment',
      'code_configuration',
    ]);
    expect(plannedLosses({ ...plan, green: packaged }, blue)[0]?.sentence).toBe(
      'default has model_mount_path = /var/model, which green does not get: its model is packaged, and a package brings its own.',
    );
    expect(members({}, own)).toEqual([]);
  });

  it('is no probe that this program chose', () => {
    const green = { ...plan.green, settings: {} };
    const { settings: _, ...blue } = { ...plan.blue!, name: 'default' };
    const chosen = { livenessProbe: PATIENT_PROBE };
    expect(members({ blue, green }, chosen)).toEqual([]);
    const written = { livenessProbe: { ...PATIENT_PROBE, initialDelay: 600 } };
    expect(members({ blue, green }, written)).toEqual(['liveness_probe']);
    expect(members({ blue: { ...blue, settings: chosen }, green }, chosen)).toEqual([
      'liveness_probe',
    ]);
    expect(members({ blue: undefined, green }, chosen)).toEqual(['liveness_probe']);
  });
});

describe('a blue with what green can not be given', () => {
  const deployments = [deployment('default', { otherMembers: { burst: { max: 3 } } })];
  const look = { plan: withoutBlue, deployments, session: READY };

  it('requires approval before green is created', () => {
    expect(next({ default: 100 }, look)).toMatchObject({
      for: 'loss',
      losses: [
        { member: 'burst', sentence: expect.stringContaining('burst = {"max":3}') as string },
      ],
    });
  });

  it('requires it too where the file of green leaves out what blue has', () => {
    const collector = { collections: { model_inputs: { enabled: true } } };
    const seen = [deployment('default', { dataCollector: collector, appInsightsEnabled: false })];
    const file = { ...withoutBlue, green: { ...withoutBlue.green, settings: {} } };
    const found = { plan: file, deployments: seen, session: READY };
    expect(next({ default: 100 }, found)).toMatchObject({
      for: 'loss',
      losses: [{ member: 'data_collector' }],
    });
    const whole = { ...file, green: { ...file.green, settings: { dataCollector: collector } } };
    expect(next({ default: 100 }, { ...found, plan: whole })).toMatchObject({ id: 'create-green' });
  });

  it('goes on once each of them is approved', () => {
    const approvedLosses = ['burst'];
    const journal: JournalEntry[] = [
      { at: AT, seq: 1, event: 'choice', choice: { approvedLosses } },
    ];
    expect(next({ default: 100 }, { ...look, journal })).toMatchObject({ id: 'create-green' });
    const more = [deployment('default', { otherMembers: { burst: 1, identity: 'x' } })];
    expect(next({ default: 100 }, { ...look, journal, deployments: more })).toMatchObject({
      losses: [{ member: 'identity' }],
    });
  });
});
