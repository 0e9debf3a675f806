/** The form of a deployment: what it proposes, what it refuses, and the request it stands for. */
import type { Deployment, DeploymentSpec } from '../../azure/types.js';
import type { ModelChoice } from '../../rollout/journal-entry.js';
import { deploymentNameFor, nameProblem } from '../../rollout/names.js';
import type { Opened } from '../commands.js';
import { fieldValue, flagged, type Field, type Form } from '../form.js';
import { isGuarded } from '../policy.js';
import type { State } from '../state.js';

export type Role = 'blue' | 'green';

/** Azure's documentation recommends no smaller size for MLflow models than this family offers. */
const DEFAULT_SIZE = 'Standard_DS3_v2';
/**
 * MLflow models install their packages at container start: with Azure's 10 s the probe ends the
 * container first (Azure/azureml-examples#3983 took 500 s).
 */
const PROBE_DELAY_SECONDS = 500;

const modelChoice = (opened: Opened, role: Role): ModelChoice | undefined =>
  role === 'blue' ? opened.journal.choice.blueModel : opened.journal.choice.newModel;

export function deploymentOf(opened: Opened | undefined, role: Role): Deployment | undefined {
  const name = opened?.roles[role];
  return opened?.snapshot.deployments.find((each) => each.name === name);
}

function modelId(opened: Opened, model: ModelChoice): string {
  return `${opened.snapshot.workspace.id}/models/${model.name}/versions/${model.version ?? ''}`;
}

export function deploymentFields(state: State, role: Role, more: boolean): Field[] {
  const opened = state.session?.opened;
  const source = role === 'green' ? deploymentOf(opened, 'blue') : undefined;
  const taken = opened?.snapshot.deployments.map((each) => each.name) ?? [];
  const model = opened && modelChoice(opened, role);
  // The name the article gives to the sample's new version; elsewhere the model's own.
  const base = isGuarded(state) ? (model?.name ?? 'model') : 'xgboost-model';
  const name = role === 'blue' ? 'default' : deploymentNameFor(base, model?.version ?? '2', taken);
  const settings = source?.requestSettings;
  const number = (id: string, label: string, value: number, hint: string): Field => ({
    id,
    label,
    kind: 'number',
    value: String(value),
    hint,
  });
  return [
    { id: 'name', label: 'Name', kind: 'text', value: name },
    {
      id: 'size',
      label: 'Instance type',
      kind: 'text',
      value: source?.instanceType ?? DEFAULT_SIZE,
    },
    number('count', 'Instances', source?.instanceCount ?? 1, '1 to 50'),
    ...(more
      ? [
          number('timeout', 'Timeout ms', settings?.requestTimeoutMs ?? 5000, 'at most 180000'),
          number(
            'concurrent',
            'Concurrent',
            settings?.maxConcurrentRequestsPerInstance ?? 1,
            'requests per instance',
          ),
          number('wait', 'Queue wait ms', settings?.maxQueueWaitMs ?? 500, ''),
          number(
            'delay',
            'Probe delay s',
            source?.livenessProbe?.initialDelay ?? PROBE_DELAY_SECONDS,
            'conda installs at container start',
          ),
          {
            id: 'variables',
            label: 'Variables',
            kind: 'text' as const,
            value: Object.entries(source?.environmentVariables ?? {})
              .map(([key, value]) => `${key}=${value}`)
              .join(' '),
            hint: 'NAME=value NAME=value',
          },
          {
            id: 'egress',
            label: 'Egress',
            kind: 'choice' as const,
            value: source?.egressPublicNetworkAccess ?? 'enabled',
            options: [
              { value: 'enabled', label: 'enabled' },
              { value: 'disabled', label: 'disabled: the packages must be in the image already' },
            ],
          },
        ]
      : []),
  ];
}

function variables(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(/\s+/)
      .filter((part) => part.includes('='))
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
}

export function deploymentSpec(state: State, role: Role, form: Form): DeploymentSpec | undefined {
  const opened = state.session?.opened;
  const model = opened && modelChoice(opened, role);
  if (!opened || !model?.version) return undefined;
  const source = role === 'green' ? deploymentOf(opened, 'blue') : undefined;
  const number = (id: string, otherwise: number) => Number(fieldValue(form, id) || otherwise);
  const more = form.fields.some((field) => field.id === 'timeout');
  const livenessProbe = {
    initialDelay: number('delay', source?.livenessProbe?.initialDelay ?? PROBE_DELAY_SECONDS),
    period: 10,
    timeout: 2,
    successThreshold: 1,
    failureThreshold: 30,
  };
  const copied = source && {
    ...(source.requestSettings && { requestSettings: source.requestSettings }),
    ...(source.livenessProbe && { livenessProbe: source.livenessProbe }),
    ...(source.readinessProbe && { readinessProbe: source.readinessProbe }),
    ...(Object.keys(source.environmentVariables).length > 0 && {
      environmentVariables: source.environmentVariables,
    }),
    ...(source.egressPublicNetworkAccess && {
      egressPublicNetworkAccess: source.egressPublicNetworkAccess,
    }),
    ...(source.appInsightsEnabled !== undefined && {
      appInsightsEnabled: source.appInsightsEnabled,
    }),
  };
  return {
    model: modelId(opened, model),
    instanceType: fieldValue(form, 'size'),
    instanceCount: number('count', 1),
    livenessProbe,
    ...copied,
    ...(more && {
      requestSettings: {
        requestTimeoutMs: number('timeout', 5000),
        maxConcurrentRequestsPerInstance: number('concurrent', 1),
        maxQueueWaitMs: number('wait', 500),
      },
      livenessProbe,
      environmentVariables: variables(fieldValue(form, 'variables')),
      egressPublicNetworkAccess: fieldValue(form, 'egress') as 'enabled' | 'disabled',
    }),
  };
}

/** The form with its first mistake marked; `undefined` when there is none. */
export function withProblems(form: Form): Form | undefined {
  const name = nameProblem('deployment', fieldValue(form, 'name'));
  if (name !== undefined) return flagged(form, 'name', name);
  if (fieldValue(form, 'size') === '') return flagged(form, 'size', 'Choose an instance type.');
  const count = Number(fieldValue(form, 'count'));
  if (!Number.isInteger(count) || count < 1 || count > 50) {
    return flagged(form, 'count', 'Azure allows 1 to 50 instances.');
  }
  const timeout = Number(fieldValue(form, 'timeout') || 5000);
  if (timeout < 1 || timeout > 180_000) {
    return flagged(form, 'timeout', 'Azure allows 1 to 180000 milliseconds.');
  }
  return undefined;
}
