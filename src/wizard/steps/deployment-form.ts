/** The form of a deployment: what it proposes, what it refuses, and the request it stands for. */
import { withoutUndefined } from '../../common/without-undefined.js';
import type { Deployment, DeploymentSpec, FamilyUsage, VmSize } from '../../azure/types.js';
import type { PackageModel } from '../../rollout/changes/change.js';
import { seenVersion } from '../../rollout/changes/conditions.js';
import { environmentId, packageOf } from '../../rollout/changes/package-model.js';
import type { ModelChoice } from '../../rollout/journal/entry.js';
import { inherited, withoutPackaged } from '../../rollout/inherit.js';
import { deploymentNameFor, nameProblem, nameWarning } from '../../rollout/names.js';
import { AZURE_PROBE, PATIENT_PROBE } from '../../rollout/probes.js';
import type { QuotaOffer } from '../../rollout/quota.js';
import type { AnswerOf } from '../effects/index.js';
import type { Opened } from '../effects/world.js';
import { deploymentSource, keptHint, shownPairs, type Source } from '../file-values.js';
import { fieldNumber, fieldValue, flagged, setField, type Field, type Form } from '../form.js';
import { autoscaleFields } from './green-autoscale.js';
import { isGuarded } from '../policy.js';
import { sizeField } from './price.js';
import type { State } from '../state.js';
import type { ScreenState } from '../step.js';

export type Role = 'blue' | 'green';

export interface DeploymentScreenState extends ScreenState {
  form?: Form;
  sizes?: VmSize[];
  usages?: FamilyUsage[];
  /** Request settings, probes and variables are shown as well. */
  more: boolean;
  /** Of blue, where green is made. */
  attachments?: AnswerOf<'attachments'>;
  /** What was chosen on the failure screen, to be done once the deletion has ended. */
  afterDelete?: 'choose-model' | 'end';
  /** The quota does not reach: what can be chosen instead. */
  offers?: readonly QuotaOffer[];
}

/** Azure's documentation recommends no smaller size for MLflow models than this family offers. */
const DEFAULT_SIZE = 'Standard_DS3_v2';

const modelChoice = (opened: Opened, role: Role): ModelChoice | undefined =>
  role === 'blue' ? opened.journal.choice.blueModel : opened.journal.choice.newModel;

export function deploymentOf(opened: Opened | undefined, role: Role): Deployment | undefined {
  const name = opened?.roles[role];
  return opened?.snapshot.deployments.find((each) => each.name === name);
}

/** What the fields begin with: for green the file named on the command line, else blue. */
function sourceOf({ session, defaults }: State, role: Role): Source | undefined {
  if (role === 'blue') return undefined;
  return defaults.deploymentFile
    ? deploymentSource(defaults.deploymentFile)
    : deploymentOf(session?.opened, 'blue');
}

function modelId(opened: Opened, model: ModelChoice): string {
  if (model.id !== undefined) return model.id;
  return `${opened.snapshot.workspace.id}/models/${model.name}/versions/${model.version ?? ''}`;
}

/** A member with what is said of it; none where nothing is. */
function someOf(
  member: 'requestSettings' | 'livenessProbe',
  values: Record<string, number | undefined>,
): Partial<DeploymentSpec> {
  const said = withoutUndefined(values);
  return Object.keys(said).length > 0 ? { [member]: said } : {};
}

/** Of a source with a probe, Azure sets what that leaves out. */
const usualProbe = (source: Source | undefined) =>
  source?.livenessProbe ? AZURE_PROBE : PATIENT_PROBE;

export function deploymentFields(state: State, role: Role, more: boolean): Field[] {
  const opened = state.session?.opened;
  const source = sourceOf(state, role);
  const taken = opened?.snapshot.deployments.map((each) => each.name) ?? [];
  const model = opened && modelChoice(opened, role);
  // The name the article gives to the sample's new version; elsewhere the model's own.
  const base = isGuarded(state) ? (model?.name ?? 'model') : 'xgboost-model';
  const named = role === 'green' ? state.defaults.deploymentFile?.file.name : undefined;
  const name =
    named ?? (role === 'blue' ? 'default' : deploymentNameFor(base, model?.version ?? '2', taken));
  const environment = shownPairs(source?.environmentVariables);
  const settings = source?.requestSettings;
  // A file may leave the instances to the form.
  const instances = { ...deploymentOf(opened, 'blue'), ...source };
  const number = (id: string, label: string, value: number, hint: string): Field => ({
    id,
    label,
    kind: 'number',
    value: String(value),
    hint,
  });
  return [
    { id: 'name', label: 'Name', kind: 'text', value: name },
    sizeField(
      {
        id: 'size',
        label: 'Instance type',
        kind: 'text',
        value: instances.instanceType ?? DEFAULT_SIZE,
      },
      state.screens[role]?.sizes,
      state.session?.prices,
    ),
    number('count', 'Instances', instances.instanceCount ?? 1, '1 to 50'),
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
            source?.livenessProbe?.initialDelay ?? usualProbe(source).initialDelay,
            'conda installs at container start',
          ),
          {
            id: 'variables',
            label: 'Variables',
            kind: 'text' as const,
            value: environment.text,
            hint: keptHint('NAME=value NAME=value', environment.kept),
          },
          {
            id: 'egress',
            label: 'Egress',
            kind: 'choice' as const,
            value: source?.egressPublicNetworkAccess ?? 'enabled',
            options: [
              { value: 'enabled', label: 'enabled' },
              { value: 'disabled', label: 'disabled: pip and conda reach nothing at start' },
            ],
          },
          {
            id: 'package',
            label: 'Package',
            kind: 'choice' as const,
            value: source?.packagedEnvironment === undefined ? 'no' : 'yes',
            options: [
              { value: 'no', label: 'no: packages are installed when it starts' },
              { value: 'yes', label: 'yes, into an image first: for no egress (preview)' },
            ],
          },
        ]
      : []),
    ...(role === 'green' ? autoscaleFields(state) : []),
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

/** The packaging that goes before the deployment, where it was chosen or blue has it. */
export function packaging(state: State, role: Role, form: Form): PackageModel | undefined {
  const opened = state.session?.opened;
  const model = opened && modelChoice(opened, role);
  const source = sourceOf(state, role);
  const asked = fieldValue(form, 'package');
  const wanted = asked === '' ? source?.packagedEnvironment !== undefined : asked === 'yes';
  if (!opened || !model || !wanted) return undefined;
  const version = seenVersion(opened.snapshot, model.name, model.version ?? '');
  return version && packageOf(version);
}

export function deploymentSpec(state: State, role: Role, form: Form): DeploymentSpec | undefined {
  const opened = state.session?.opened;
  const model = opened && modelChoice(opened, role);
  if (!opened || !model?.version) return undefined;
  const source = sourceOf(state, role);
  const number = (id: string, otherwise: number) => fieldNumber(form, id, otherwise);
  // What a file leaves out stays so, unless the field was changed.
  const part = (id: string, said: number | undefined, usual: number) => {
    const value = number(id, said ?? usual);
    return source && said === undefined && value === usual ? undefined : value;
  };
  const more = form.fields.some((field) => field.id === 'timeout');
  const { requestSettings: said, livenessProbe: probe } = source ?? {};
  const liveness = someOf('livenessProbe', {
    ...(probe ?? PATIENT_PROBE),
    initialDelay: part('delay', probe?.initialDelay, usualProbe(source).initialDelay),
  });
  const change = packaging(state, role, form);
  const own = source && inherited(source);
  const fromBlue = state.defaults.deploymentFile === undefined;
  return {
    ...liveness,
    ...(own && (change && fromBlue ? withoutPackaged(own) : own)),
    model: modelId(opened, model),
    ...(change && { packagedEnvironment: environmentId(change, opened.snapshot) }),
    instanceType: fieldValue(form, 'size'),
    instanceCount: number('count', 1),
    ...(more && {
      ...someOf('requestSettings', {
        requestTimeoutMs: part('timeout', said?.requestTimeoutMs, 5000),
        maxConcurrentRequestsPerInstance: part(
          'concurrent',
          said?.maxConcurrentRequestsPerInstance,
          1,
        ),
        maxQueueWaitMs: part('wait', said?.maxQueueWaitMs, 500),
      }),
      ...liveness,
      environmentVariables: {
        ...shownPairs(source?.environmentVariables).kept,
        ...variables(fieldValue(form, 'variables')),
      },
      egressPublicNetworkAccess: fieldValue(form, 'egress') as 'enabled' | 'disabled',
    }),
  };
}

/** Azure takes such a name, so that it is only said. */
export function withNameWarning(form: Form): Form {
  const warning = nameWarning(fieldValue(form, 'name'));
  return warning === undefined ? form : setField(form, 'name', { hint: warning });
}

/** Of the fields that take a whole number. */
const RANGES = [
  { id: 'count', least: 1, most: 50 },
  { id: 'timeout', least: 1, most: 180_000 },
  { id: 'concurrent', least: 1, most: 10_000 },
  { id: 'wait', least: 0, most: 180_000 },
  { id: 'delay', least: 0, most: 86_400 },
] as const;

/** The form with its first mistake marked; `undefined` when there is none. */
export function withProblems(form: Form): Form | undefined {
  const name = nameProblem('deployment', fieldValue(form, 'name'));
  if (name !== undefined) return flagged(form, 'name', name);
  if (fieldValue(form, 'size') === '') return flagged(form, 'size', 'Choose an instance type.');
  for (const { id, least, most } of RANGES) {
    const number = fieldNumber(form, id);
    const shown = form.fields.some((field) => field.id === id);
    if (!shown || (number >= least && number <= most)) continue;
    const sentence = `Invalid number "${fieldValue(form, id)}". Azure allows ${least} to ${most}.`;
    return flagged(form, id, sentence);
  }
  return undefined;
}
