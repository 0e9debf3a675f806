/**
 * MLflow's deployment API with the `azureml-mlflow` plugin: lines with `client`, which is
 * `get_deploy_client(mlflow.get_tracking_uri())`, and a script. Settings travel in JSON files.
 */
import { workspaceModel } from '../../common/model-ref.js';
import type { DeploymentSpec } from '../../azure/types.js';
import { CARRIED_MEMBERS, carriedMembers, type CarriedMember } from '../../rollout/inherit.js';
import { NEXT_VERSION, type Change, type RegisterModel } from '../../rollout/changes/change.js';
import { withoutZeros } from '../../common/split.js';
import { mlClient } from '../ml-client.js';
import { pythonInner, pythonLiteral as literal } from '../python-literal.js';
import {
  comment,
  indented,
  orNothing,
  scriptSteps,
  stepLines,
  type ScriptStep,
} from '../script.js';
import { splitVariables } from '../variables.js';
import { codeFor, type CodeContext, type Language, type Words } from './language.js';
import { VERSION_OF, EXISTS, IS_DONE, ASK } from '../mlflow-helpers.js';

function withFile(path: string, content: unknown, ...then: string[]): string[] {
  return [
    `with open(${literal(path)}, "w") as file:`,
    `    json.dump(${literal(content)}, file)`,
    ...then,
  ];
}

/** The plugin takes what follows `file://` as it is: an encoded path would not be found. */
const source = (folder: string): string =>
  `"file://" + str(pathlib.Path(${literal(folder)}).resolve())`;

function registration({ model, folder = '', tags, description }: RegisterModel): string[] {
  const tagged = tags && Object.keys(tags).length > 0 ? `, tags=${literal(tags)}` : '';
  return [
    ...(description === undefined ? [] : ['# The description is left out: this call has none.']),
    `registered = mlflow.register_model(model_uri=${source(folder)}, name=${literal(model)}${tagged})`,
  ];
}

const ONLY_FOLDERS =
  'MLflow registers a run of its own tracking server or a local folder, not another place in Azure.';

/** What the plugin sends of a deployment; refused where it can't be left out. */
const SENT: readonly CarriedMember[] = [
  'instanceType',
  'instanceCount',
  'description',
  'appInsightsEnabled',
  'environmentVariables',
  'properties',
  'egressPublicNetworkAccess',
];

const beyondPlugin = (spec: DeploymentSpec): string[] =>
  carriedMembers(spec)
    .filter((member) => !SENT.includes(member))
    .map((member) => CARRIED_MEMBERS[member]);

const words: Words = {
  registerModel(change, { script }) {
    const { model, version, folder } = change;
    if (folder === undefined) return { notExpressible: ONLY_FOLDERS };
    const variable = script?.versions?.get(`${model}:${version}`);
    if (variable !== undefined) {
      const names = [literal(model), literal(version), literal(folder)].join(', ');
      return { lines: [`${variable} = version_of(${names})`] };
    }
    const here = version === NEXT_VERSION ? '' : `; here that was ${version}`;
    return {
      lines: [
        comment(`MLflow takes the next free version by itself${here}.`),
        ...registration(change),
      ],
    };
  },

  packageModel: () => ({ notExpressible: 'MLflow has no call that packages a model in Azure.' }),

  createEndpoint({ endpoint, authMode, identity, description, tags, ...rest }) {
    if (rest.publicNetworkAccess === 'disabled') {
      return { notExpressible: 'The plugin has no setting for an endpoint without public access.' };
    }
    if (identity.type === 'user_assigned') {
      return {
        notExpressible: 'The plugin can name the type of an identity, but not which one it is.',
      };
    }
    const file = `${endpoint}.endpoint.json`;
    const config = {
      auth_mode: authMode,
      identity: { type: 'system_assigned' },
      ...(description !== undefined && { description }),
      ...(Object.keys(tags).length > 0 && { tags }),
      ...(rest.location !== undefined && { location: rest.location }),
      ...(rest.properties && { properties: rest.properties }),
    };
    return {
      lines: withFile(
        file,
        config,
        `client.create_endpoint(name=${literal(endpoint)}, config={"endpoint-config-file": ${literal(file)}})`,
      ),
    };
  },

  createDeployment({ endpoint, deployment, spec }, { script, visible }) {
    const own = script?.model;
    if (spec.packagedEnvironment !== undefined) {
      return {
        notExpressible: 'The plugin deploys models, not the environments they are packaged into.',
      };
    }
    const model = workspaceModel(spec.model);
    if (!model) {
      return {
        notExpressible: spec.model.endsWith('@latest')
          ? 'The plugin requires the version of a model, not @latest.'
          : 'MLflow deploys models of the workspace, not of a registry.',
      };
    }
    if (own && own.folder === undefined) return { notExpressible: ONLY_FOLDERS };
    const variable = own
      ? 'registered.version'
      : script?.versions?.get(`${model.name}:${model.version}`);
    const uri =
      variable === undefined
        ? literal(`models:/${model.name}/${model.version}`)
        : `f"models:/${pythonInner(model.name)}/{${variable}}"`;
    if (spec.egressPublicNetworkAccess === 'disabled') {
      return { notExpressible: 'The plugin has no setting for a deployment without egress.' };
    }
    if (spec.environment !== undefined) {
      return {
        notExpressible: 'The plugin deploys a model in its own environment, without a script.',
      };
    }
    const { open, hidden } = splitVariables(spec.environmentVariables, visible);
    if (hidden.length > 0) {
      return {
        notExpressible: `The plugin reads variables from a file, and the value of ${hidden.join(', ')} must not be written to one.`,
      };
    }
    const file = `${deployment}.deployment.json`;
    const config = {
      instance_type: spec.instanceType,
      instance_count: spec.instanceCount,
      ...(spec.description && { description: spec.description }),
      // The plugin fails on `false`, which is what Azure takes anyway.
      ...(spec.appInsightsEnabled && { app_insights_enabled: true }),
      ...(Object.keys(open).length > 0 && { environment_variables: open }),
      ...(spec.properties && { properties: spec.properties }),
    };
    const lost = beyondPlugin(spec).join(', ');
    return {
      lines: [
        ...(lost === '' ? [] : [`# Left out, as azureml-mlflow 1.62 can't send them: ${lost}.`]),
        ...(own ? registration(own) : []),
        ...withFile(
          file,
          config,
          `client.create_deployment(name=${literal(deployment)}, endpoint=${literal(endpoint)}, model_uri=${uri}, config={"deploy-config-file": ${literal(file)}})`,
        ),
      ],
    };
  },

  setTraffic({ endpoint, to, tags, why }, { script }) {
    const set = Object.entries(script ? {} : (tags ?? {})).filter(([, value]) => value !== null);
    if (why === 'close' && set.length === 0) {
      return { notExpressible: 'The plugin sets tags of an endpoint, but removes none.' };
    }
    const file = `${endpoint}.traffic.json`;
    const config = {
      ...(why !== 'close' && { traffic: to }),
      ...(set.length > 0 && { tags: Object.fromEntries(set) }),
    };
    return {
      lines: withFile(
        file,
        config,
        `client.update_endpoint(endpoint=${literal(endpoint)}, config={"endpoint-config-file": ${literal(file)}})`,
      ),
    };
  },

  setMirror({ endpoint, to }) {
    const file = `${endpoint}.mirror.json`;
    return {
      lines: withFile(
        file,
        { mirror_traffic: withoutZeros(to) },
        `client.update_endpoint(endpoint=${literal(endpoint)}, config={"endpoint-config-file": ${literal(file)}})`,
      ),
    };
  },

  scaleDeployment: () => ({
    notExpressible: 'MLflow has no call that changes the number of instances of a deployment.',
  }),

  copyAutoscale: () => ({
    notExpressible: 'MLflow has no calls for autoscale settings, which are of Azure Monitor.',
  }),

  deleteAutoscale: () => ({
    notExpressible: 'MLflow has no calls for autoscale settings, which are of Azure Monitor.',
  }),

  deleteDeployment: ({ endpoint, deployment }) => ({
    lines: [`client.delete_deployment(name=${literal(deployment)}, endpoint=${literal(endpoint)})`],
  }),

  deleteEndpoint: ({ endpoint }) => ({
    lines: [`client.delete_endpoint(endpoint=${literal(endpoint)})`],
  }),
};

/** Asks first: the plugin would write over what is there. */
function wrap(change: Change, lines: string[]): string[] {
  const guarded = (condition: string): string[] => [`if ${condition}:`, ...indented(lines, '    ')];
  const deployments = (endpoint: string) =>
    `client.list_deployments(endpoint=${literal(endpoint)})`;
  switch (change.kind) {
    case 'createEndpoint':
      return guarded(`not exists(client.list_endpoints(), ${literal(change.endpoint)})`);
    case 'createDeployment':
      return [
        ...guarded(`not exists(${deployments(change.endpoint)}, ${literal(change.deployment)})`),
        `ask(${literal(change.endpoint)}, ${literal(change.deployment)})`,
      ];
    case 'deleteDeployment':
      return guarded(
        `any(each["name"] == ${literal(change.deployment)} for each in ${deployments(change.endpoint)})`,
      );
    case 'deleteEndpoint':
      return guarded(
        `any(each["name"] == ${literal(change.endpoint)} for each in client.list_endpoints())`,
      );
    default:
      return lines;
  }
}

function write(changes: readonly Change[], context: CodeContext): string {
  const { endpoint, rollout, after, done } = scriptSteps(changes);
  const registered = [...rollout, ...after].flatMap(({ change }) =>
    change.kind === 'registerModel' && change.folder !== undefined
      ? [`${change.model}:${change.version}`]
      : [],
  );
  const versions = new Map(registered.map((key, index) => [key, `version_${index + 1}`]));
  const said = (steps: readonly ScriptStep[]): string[] =>
    steps.flatMap((step) => {
      const script = { versions, ...(step.model && { model: step.model }) };
      return stepLines(step, codeFor(mlflow, step.change, { ...context, script }), wrap);
    });
  const rolledOut = said(rollout);
  const body = [
    ...(done
      ? [
          '',
          `if is_done(${literal(endpoint)}, ${literal(done.split)}, ${literal(done.deployments)}):`,
          '    print("The final split is already live.")',
          'else:',
          ...orNothing(indented(rolledOut, '    ').slice(1), '    pass'),
        ]
      : rolledOut),
    ...said(after),
  ];
  const calls = (name: string): boolean => body.some((line) => line.includes(`${name}(`));
  const helpers = [
    ...(calls('version_of') ? [VERSION_OF] : []),
    ...(calls('exists') || calls('is_done') ? [EXISTS] : []),
    ...(calls('is_done') ? [IS_DONE] : []),
    ...(calls('ask') ? [ASK] : []),
  ];
  const { workspaceName } = context;
  const lines = [
    '"""Generated by aml-rollout. Needs: pip install azure-ai-ml azure-identity mlflow azureml-mlflow',
    '',
    'Safe to run again. It checks no gates: check them between the steps.',
    '"""',
    'import json',
    'import os',
    'import pathlib',
    'import sys',
    '',
    'import mlflow',
    'from azure.ai.ml import MLClient',
    'from azure.identity import DefaultAzureCredential',
    'from mlflow.deployments import get_deploy_client',
    '',
    'os.chdir(pathlib.Path(__file__).resolve().parent)',
    ...mlClient(context),
    '# Its host depends on region and cloud, so it is read from the workspace.',
    `tracking_uri = ml_client.workspaces.get(${literal(workspaceName)}).mlflow_tracking_uri`,
    'mlflow.set_tracking_uri(tracking_uri)',
    'client = get_deploy_client(tracking_uri)',
    ...helpers.flatMap((helper) => ['', ...helper.split('\n')]),
    ...(helpers.length > 0 ? [''] : []),
    ...body,
  ];
  return `${lines.join('\n')}\n`;
}

export const mlflow = {
  id: 'mlflow',
  title: 'MLflow plugin',
  words,
  script: { what: 'MLflow script', name: 'rollout_mlflow.py', write },
} as const satisfies Language;
