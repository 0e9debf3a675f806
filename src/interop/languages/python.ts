/** The Python SDK, `azure-ai-ml`: lines with `ml_client`, an `MLClient` of the workspace, and a script. */
import type { Change } from '../../rollout/changes/change.js';
import { nameWarning } from '../../rollout/names.js';
import { mlClient } from '../ml-client.js';
import { pythonCall, pythonLiteral as literal } from '../python-literal.js';
import { indented, orNothing, scriptSteps, stepLines, type ScriptStep } from '../script.js';
import { leftOut } from '../yaml-out.js';
import { codeFor, type CodeContext, type Language, type Words } from './language.js';
import { modelCall, optional, deploymentCall } from '../python-entities.js';

/** `x = Call(...)`, then the operation on it. */
function made(name: string, call: string[], ...then: string[]): string[] {
  const [first = '', ...rest] = call;
  return [`${name} = ${first}`, ...rest, ...then];
}

const SAVE_ENDPOINT = 'ml_client.online_endpoints.begin_create_or_update(endpoint).result()';
const SAVE_DEPLOYMENT = 'ml_client.online_deployments.begin_create_or_update(deployment).result()';
const get = (endpoint: string): string =>
  `endpoint = ml_client.online_endpoints.get(${literal(endpoint)})`;

const words: Words = {
  registerModel(change) {
    return {
      lines: made('model', modelCall(change), 'ml_client.models.create_or_update(model)'),
    };
  },

  packageModel({ model, version, environment, environmentVersion }) {
    return {
      lines: [
        ...pythonCall('ml_client.models.package', {
          name: literal(model),
          version: literal(version),
          package_request: `ModelPackage(target_environment=${literal(`azureml:${environment}:${environmentVersion}`)}, inferencing_server=AzureMLOnlineInferencingServer())`,
        }),
      ],
    };
  },

  createEndpoint({ endpoint, authMode, identity, description, tags, ...rest }) {
    const ids = identity.userAssignedIds ?? [];
    const assigned = ids.map((id) => `ManagedIdentityConfiguration(resource_id=${literal(id)})`);
    const call = pythonCall('ManagedOnlineEndpoint', {
      name: literal(endpoint),
      auth_mode: literal(authMode),
      identity: `IdentityConfiguration(type=${literal(identity.type)}${
        assigned.length > 0 ? `, user_assigned_identities=[${assigned.join(', ')}]` : ''
      })`,
      description: optional(description),
      tags: optional(tags),
      public_network_access: optional(rest.publicNetworkAccess),
      properties: optional(rest.properties),
      location: optional(rest.location),
    });
    return { lines: made('endpoint', call, SAVE_ENDPOINT) };
  },

  createDeployment(change, { script, visible }) {
    // The client registers a model that it is handed, and takes the next free version.
    const model = script?.model ? made('model', modelCall(script.model)) : [];
    const code = deploymentCall(change, model.length > 0, visible);
    const missing = leftOut(change.spec);
    return { lines: [...missing, ...model, ...made('deployment', code, SAVE_DEPLOYMENT)] };
  },

  setTraffic({ endpoint, to, tags, why }, { script }) {
    const lost = Object.keys(to).map(nameWarning).find(Boolean);
    if (lost !== undefined && why !== 'close') return { notExpressible: lost };
    const written = script
      ? []
      : Object.entries(tags ?? {}).map(([name, value]) =>
          value === null
            ? `endpoint.tags.pop(${literal(name)}, None)`
            : `endpoint.tags[${literal(name)}] = ${literal(value)}`,
        );
    const traffic = why === 'close' ? [] : [`endpoint.traffic = ${literal(to)}`];
    const lines = [...traffic, ...written];
    return { lines: lines.length === 0 ? [] : [get(endpoint), ...lines, SAVE_ENDPOINT] };
  },

  setMirror({ endpoint, to }) {
    return {
      lines: [get(endpoint), `endpoint.mirror_traffic = ${literal(to)}`, SAVE_ENDPOINT],
    };
  },

  scaleDeployment({ endpoint, deployment: name, to }) {
    return {
      lines: [
        `deployment = ml_client.online_deployments.get(name=${literal(name)}, endpoint_name=${literal(endpoint)})`,
        `deployment.instance_count = ${literal(to)}`,
        SAVE_DEPLOYMENT,
      ],
    };
  },

  copyAutoscale: () => ({
    notExpressible:
      'The Python SDK has no calls for autoscale settings, which are of Azure Monitor.',
  }),

  deleteAutoscale: () => ({
    notExpressible:
      'The Python SDK has no calls for autoscale settings, which are of Azure Monitor.',
  }),

  deleteDeployment({ endpoint, deployment: name }) {
    return {
      lines: [
        `ml_client.online_deployments.begin_delete(name=${literal(name)}, endpoint_name=${literal(endpoint)}).result()`,
      ],
    };
  },

  deleteEndpoint({ endpoint }) {
    return {
      lines: [`ml_client.online_endpoints.begin_delete(name=${literal(endpoint)}).result()`],
    };
  },
};

const IMPORTS: readonly [string, string][] = [
  ['AssetTypes', 'azure.ai.ml.constants'],
  ['AzureMLOnlineInferencingServer', 'azure.ai.ml.entities'],
  ['CodeConfiguration', 'azure.ai.ml.entities'],
  ['DataAsset', 'azure.ai.ml.entities'],
  ['DataCollector', 'azure.ai.ml.entities'],
  ['DeploymentCollection', 'azure.ai.ml.entities'],
  ['Environment', 'azure.ai.ml.entities'],
  ['IdentityConfiguration', 'azure.ai.ml.entities'],
  ['ManagedIdentityConfiguration', 'azure.ai.ml.entities'],
  ['ManagedOnlineDeployment', 'azure.ai.ml.entities'],
  ['ManagedOnlineEndpoint', 'azure.ai.ml.entities'],
  ['Model', 'azure.ai.ml.entities'],
  ['ModelPackage', 'azure.ai.ml.entities'],
  ['OnlineRequestSettings', 'azure.ai.ml.entities'],
  ['ProbeSettings', 'azure.ai.ml.entities'],
  ['RequestLogging', 'azure.ai.ml.entities'],
];

const EXISTS = `
def exists(read, *names):
    """Does it exist? One that exists but is not usable ends the script."""
    try:
        state = read(*names).provisioning_state
    except ResourceNotFoundError:
        return False
    if state != "Succeeded":
        sys.exit(f"{names[0]} is {state}: wait, or delete it, then run this again.")
    return True`;

const SERVES = `
def is_done(endpoint, split, deployments):
    """Is this split live, and do these deployments exist?"""
    try:
        live = ml_client.online_endpoints.get(endpoint).traffic or {}
    except ResourceNotFoundError:
        return False
    same = {name: weight for name, weight in live.items() if weight} == split
    return same and all(exists(ml_client.online_deployments.get, name, endpoint) for name in deployments)`;

const ASK = `
def ask(endpoint, deployment):
    """Sends the sample, if there is one, before the deployment gets any traffic."""
    if os.path.exists("sample.json"):
        answer = ml_client.online_endpoints.invoke(
            endpoint_name=endpoint, deployment_name=deployment, request_file="sample.json"
        )
        print(deployment, "answers", answer)`;

/** Asks first: a PUT of what is there would take its traffic away, or start it anew. */
function wrap(change: Change, lines: string[]): string[] {
  const guarded = (condition: string): string[] => [`if ${condition}:`, ...indented(lines, '    ')];
  switch (change.kind) {
    case 'createEndpoint':
      return guarded(`not exists(ml_client.online_endpoints.get, ${literal(change.endpoint)})`);
    case 'createDeployment': {
      const names = `${literal(change.deployment)}, ${literal(change.endpoint)}`;
      return [
        ...guarded(`not exists(ml_client.online_deployments.get, ${names})`),
        `ask(${literal(change.endpoint)}, ${literal(change.deployment)})`,
      ];
    }
    case 'deleteDeployment':
      return guarded(
        `any(each.name == ${literal(change.deployment)} for each in ml_client.online_deployments.list(${literal(change.endpoint)}))`,
      );
    case 'deleteEndpoint':
      return guarded(
        `any(each.name == ${literal(change.endpoint)} for each in ml_client.online_endpoints.list())`,
      );
    default:
      return lines;
  }
}

function write(changes: readonly Change[], context: CodeContext): string {
  const { endpoint, rollout, after, done } = scriptSteps(changes);
  const said = (steps: readonly ScriptStep[]): string[] =>
    steps.flatMap((step) => {
      const script = step.model ? { model: step.model } : {};
      return stepLines(step, codeFor(python, step.change, { ...context, script }), wrap);
    });
  const body = [
    ...(done
      ? [
          '',
          `if is_done(${literal(endpoint)}, ${literal(done.split)}, ${literal(done.deployments)}):`,
          '    print("The final split is already live.")',
          'else:',
          ...orNothing(indented(said(rollout), '    ').slice(1), '    pass'),
        ]
      : said(rollout)),
    ...said(after),
  ];
  const calls = (name: string, lines: readonly string[] = body): boolean =>
    lines.some((line) => new RegExp(`\\b${name}[.(]`).test(line));
  const helpers = [
    ...(calls('is_done') || calls('exists') ? [EXISTS] : []),
    ...(calls('is_done') ? [SERVES] : []),
    ...(calls('ask') ? [ASK] : []),
  ];
  const modules = new Map<string, string[]>();
  for (const [name, module] of IMPORTS) {
    if (calls(name)) modules.set(module, [...(modules.get(module) ?? []), name]);
  }
  const lines = [
    '"""Generated by aml-rollout. Needs: pip install azure-ai-ml azure-identity',
    '',
    'Safe to run again. It checks no gates: check them between the steps.',
    '"""',
    'import os',
    ...(helpers.length > 0 ? ['import sys'] : []),
    'from pathlib import Path',
    '',
    'from azure.ai.ml import MLClient',
    ...[...modules].map(([module, names]) => `from ${module} import ${names.join(', ')}`),
    ...(helpers.length > 0 ? ['from azure.core.exceptions import ResourceNotFoundError'] : []),
    'from azure.identity import DefaultAzureCredential',
    '',
    'os.chdir(Path(__file__).resolve().parent)',
    ...mlClient(context),
    ...helpers.flatMap((helper) => ['', ...helper.split('\n')]),
    ...(helpers.length > 0 ? [''] : []),
    ...body,
  ];
  return `${lines.join('\n')}\n`;
}

export const python = {
  id: 'python',
  title: 'Python SDK',
  words,
  script: { what: 'Python script', name: 'rollout.py', write },
} as const satisfies Language;
