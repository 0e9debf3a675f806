/** What green takes over from blue is in every exported file, or the file says that it is left out. */
import { describe, expect, it } from 'vitest';
import type { DeploymentSpec } from '../../../src/azure/types.js';
import { readDeploymentFile } from '../../../src/interop/deployment-file.js';
import { LANGUAGES } from '../../../src/interop/languages/index.js';
import { codeFor, type Language } from '../../../src/interop/languages/language.js';
import { deploymentYaml } from '../../../src/interop/yaml-out.js';
import { CARRIED_MEMBERS } from '../../../src/rollout/inherit.js';
import type { CreateDeployment } from '../../../src/rollout/changes/change.js';
import { context, makeDeployment } from './changes.js';

const probe = (initialDelay: number) => ({
  initialDelay,
  period: 20,
  timeout: 3,
  successThreshold: 2,
  failureThreshold: 40,
});

type Member = keyof typeof CARRIED_MEMBERS;
const WORKSPACE = '/subscriptions/s/workspaces/w';

/** Each unlike Azure's default, with what a file has of it. */
const VALUES: { [M in Member]: { value: NonNullable<DeploymentSpec[M]>; marks: string[] } } = {
  instanceType: { value: 'Standard_F16s_v2', marks: ['Standard_F16s_v2'] },
  instanceCount: { value: 37, marks: ['37'] },
  description: { value: 'Scores patients', marks: ['Scores patients'] },
  tags: { value: { costs: '4711' }, marks: ['costs', '4711'] },
  properties: { value: { owner: 'cardiology' }, marks: ['owner', 'cardiology'] },
  environmentVariables: { value: { MODE: 'swift' }, marks: ['MODE', 'swift'] },
  requestSettings: {
    value: {
      requestTimeoutMs: 90_001,
      maxConcurrentRequestsPerInstance: 13,
      maxQueueWaitMs: 777,
    },
    marks: ['90001', '13', '777'],
  },
  livenessProbe: { value: probe(61), marks: ['61', '40'] },
  readinessProbe: { value: probe(62), marks: ['62', '40'] },
  startupProbe: { value: probe(63), marks: ['63', '40'] },
  modelMountPath: { value: '/var/models', marks: ['/var/models'] },
  environment: {
    value: `${WORKSPACE}/environments/runs/versions/3`,
    marks: ['azureml:runs:3'],
  },
  codeConfiguration: {
    value: { codeId: `${WORKSPACE}/codes/score/versions/2`, scoringScript: 'main.py' },
    marks: ['azureml:score:2', 'main.py'],
  },
  dataCollector: {
    value: {
      collections: {
        model_inputs: {
          enabled: true,
          samplingRate: 0.25,
          dataId: `${WORKSPACE}/data/requests/versions/5`,
          clientId: 'client-9',
        },
        model_outputs: { enabled: false, samplingRate: 0.25 },
      },
      rollingRate: 'Hour',
      captureHeaders: ['x-tenant'],
    },
    marks: ['model_inputs', 'model_outputs', '0.25', 'requests', '5', 'client-9', 'x-tenant'],
  },
  appInsightsEnabled: { value: true, marks: ['app_insights_enabled'] },
  egressPublicNetworkAccess: { value: 'disabled', marks: ['disabled'] },
};

const members = Object.keys(CARRIED_MEMBERS) as Member[];
const bare = {
  model: makeDeployment.spec.model,
  instanceType: 'Standard_DS3_v2',
  instanceCount: 1,
};

function withMember(member: Member): CreateDeployment {
  return { ...makeDeployment, spec: { ...bare, [member]: VALUES[member].value } };
}

function written(language: Language, change: CreateDeployment): string {
  const code = codeFor(language, change, { ...context, visible: ['MODE'] });
  return 'lines' in code ? code.lines.join('\n') : code.notExpressible;
}

describe.each(LANGUAGES.map((language) => [language.id, language] as const))(
  '%s',
  (_, language) => {
    it.each(members)('has %s, or says that it is left out', (member) => {
      const text = written(language, withMember(member));
      const without = written(language, { ...makeDeployment, spec: bare });
      const name = CARRIED_MEMBERS[member];
      // What the file has of the member is not there by chance.
      for (const mark of VALUES[member].marks) {
        if (!/^\d+$/.test(mark)) expect(without).not.toContain(mark);
      }
      const leftOut = new RegExp(`^\\s*# Left out, as .*\\b${name}\\b.*$`, 'm').test(text);
      const refused = 'notExpressible' in codeFor(language, withMember(member), context);
      if (refused || leftOut) {
        expect(language.id !== 'mlflow' && name !== 'startup_probe').toBe(false);
      } else {
        for (const mark of VALUES[member].marks) expect(text).toContain(mark);
      }
    });
  },
);

describe('deployment.yml', () => {
  // A mount path and code need an environment; a file's own reader asks for it.
  const beside = (member: Member): Partial<DeploymentSpec> =>
    member === 'modelMountPath' || member === 'codeConfiguration'
      ? { environment: 'azureml:runs:3' }
      : {};

  it.each(members.filter((member) => member !== 'startupProbe'))('is read back: %s', (member) => {
    const change = withMember(member);
    const spec = { ...change.spec, ...beside(member) };
    const yaml = deploymentYaml({ ...change, spec }, { visible: ['MODE'] });
    const read = readDeploymentFile(yaml, 'd.yml').spec;
    const short: Partial<Record<Member, unknown>> = {
      environment: 'azureml:runs:3',
      codeConfiguration: { codeId: 'azureml:score:2', scoringScript: 'main.py' },
      dataCollector: {
        ...VALUES.dataCollector.value,
        collections: {
          model_inputs: {
            enabled: true,
            samplingRate: 0.25,
            dataId: 'azureml:requests:5',
            clientId: 'client-9',
          },
          model_outputs: { enabled: false, samplingRate: 0.25 },
        },
      },
    };
    expect(read[member]).toEqual(short[member] ?? VALUES[member].value);
  });

  it('leaves out what az ml does not read, and says so', () => {
    const yaml = deploymentYaml(withMember('startupProbe'));
    expect(yaml).toMatch(/^# Left out, as azure-ai-ml cannot express it: startup_probe\.$/m);
    expect(yaml).not.toMatch(/^startup_probe/m);
  });

  it('says where collections have sampling rates of their own, of which az ml has one', () => {
    const change = withMember('dataCollector');
    const { collections } = VALUES.dataCollector.value;
    const dataCollector = {
      collections: { ...collections, model_outputs: { enabled: true, samplingRate: 1 } },
    };
    const yaml = deploymentYaml({ ...change, spec: { ...bare, dataCollector } });
    expect(yaml).toMatch(
      /^# Left out, as .*sampling_rate of model_inputs \(0\.25\) and model_outputs \(1\)\.$/m,
    );
    expect(yaml).not.toMatch(/^\s*sampling_rate/m);
  });
});
