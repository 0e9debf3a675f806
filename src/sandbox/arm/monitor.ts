/**
 * What can point at a deployment: autoscale, alert rules and diagnostic settings of Azure Monitor, and the
 * workspace's schedules, of which model monitors are some. They are kept and given back; nothing is scaled,
 * no alert is raised, and no schedule runs.
 */
import * as z from 'zod';
import { own } from '../model.js';
import { AutoscaleSettings, checkAutoscaleTarget } from './autoscale.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  DEPLOYMENT,
  ENDPOINT,
  GROUP,
  SUB,
  WS,
  anything,
  isObject,
  ok,
  param,
  readBody,
} from './call.js';
import { armError } from './errors.js';

const RULES = ['autoscaleSettings', 'metricAlerts', 'scheduledQueryRules'] as const;
const INSIGHTS = 'providers/Microsoft.Insights';

export function monitorRoutes(on: AddArmRoute): void {
  for (const kind of RULES) {
    on('GET', `${SUB}/${INSIGHTS}/${kind}`, list);
    keep(on, `${GROUP}/${INSIGHTS}/${kind}`);
  }
  for (const scope of [WS, ENDPOINT, DEPLOYMENT])
    keep(on, `${scope}/${INSIGHTS}/diagnosticSettings`);
  keep(on, `${WS}/schedules`);
}

function keep(on: AddArmRoute, path: string): void {
  on('GET', path, list);
  on('GET', `${path}/:setting`, (call) => ok(mustFind(call)));
  on('PUT', `${path}/:setting`, put);
  on('DELETE', `${path}/:setting`, remove);
}

/** Of others than autoscale, properties are kept as they are: those who ask look at them. */
const Setting = z.object({
  location: anything,
  tags: anything,
  kind: anything,
  properties: z.record(z.string(), z.unknown()),
});

/** Of this path, and of what lies below a subscription also those of its group. */
function list(call: ArmCall): ArmReply {
  const path = call.path.toLowerCase().replace(/\/$/, '');
  const [scope = '', kind = ''] = split(path);
  const value = Object.entries(call.context.state.monitoring ?? {})
    .filter(([id]) => {
      const parent = id.slice(0, id.lastIndexOf('/'));
      const [owner = '', of = ''] = split(parent);
      const isOfGroup = /^\/subscriptions\/[^/]+$/.test(scope) && owner.startsWith(`${scope}/`);
      return parent === path || (isOfGroup && of === kind);
    })
    .map(([, setting]) => setting);
  return ok({ value });
}

/** `{scope}/providers/microsoft.insights/{kind}`, in lower case. */
function split(path: string): string[] {
  return path.split(`/${INSIGHTS.toLowerCase()}/`);
}

function put(call: ArmCall): ArmReply {
  const settings = (call.context.state.monitoring ??= {});
  const key = call.path.toLowerCase();
  const before = own(settings, key);
  const kind = call.path.split('/').at(-2) ?? '';
  settings[key] = {
    ...(kind.toLowerCase() === 'autoscalesettings'
      ? readAutoscale(call)
      : readBody(call, Setting, kind)),
    id: call.path,
    name: param(call, 'setting'),
    type:
      kind === 'schedules'
        ? 'Microsoft.MachineLearningServices/workspaces/schedules'
        : `Microsoft.Insights/${kind}`,
  };
  call.context.save();
  return { status: before === undefined ? 201 : 200, body: settings[key] };
}

function readAutoscale(call: ArmCall): object {
  const setting = readBody(call, AutoscaleSettings, 'AutoscaleSettingResource');
  checkAutoscaleTarget(call, setting.properties.targetResourceUri);
  return setting;
}

function remove(call: ArmCall): ArmReply {
  const { monitoring = {} } = call.context.state;
  const key = call.path.toLowerCase();
  if (own(monitoring, key) === undefined) return { status: 204 };
  delete monitoring[key];
  call.context.save();
  return { status: 200 };
}

function mustFind(call: ArmCall): unknown {
  const found = own(call.context.state.monitoring ?? {}, call.path.toLowerCase());
  if (isObject(found)) return found;
  throw armError(
    404,
    'ResourceNotFound',
    `The Resource '${call.path.split('/providers/').at(-1) ?? ''}' was not found.`,
  );
}
