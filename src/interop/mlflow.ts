/**
 * Changes in MLflow's deployment API with the `azureml-mlflow` plugin. `client` is
 * `get_deploy_client(mlflow.get_tracking_uri())`; settings travel in JSON files.
 */
import { NEXT_VERSION, type Change, type RegisterModel } from '../rollout/changes/change.js';
import { normalise } from '../rollout/split.js';
import { say, type Code, type Dialect, type DialectContext } from './dialect.js';
import { modelNameVersion } from './model-reference.js';
import { pythonLiteral as literal } from './python-literal.js';
import { splitVariables } from './yaml-out.js';

function withFile(path: string, content: unknown, ...then: string[]): string[] {
  return [
    `with open(${literal(path)}, "w") as file:`,
    `    json.dump(${literal(content)}, file)`,
    ...then,
  ];
}

/** The plugin takes what follows `file://` as it stands: an encoded path would not be found. */
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

const mlflow: Dialect = {
  registerModel(change, { script }) {
    const { model, version, folder } = change;
    if (folder === undefined) return { notExpressible: ONLY_FOLDERS };
    const variable = script?.versions?.get(`${model}:${version}`);
    if (variable !== undefined) {
      const names = [literal(model), literal(version), literal(folder)].join(', ');
      return { lines: [`${variable} = version_of(${names})`] };
    }
    const here =
      version === NEXT_VERSION ? '' : `; here that was ${version.replaceAll(/\s/g, ' ')}`;
    return {
      lines: [`# MLflow takes the next free version by itself${here}.`, ...registration(change)],
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

  createDeployment({ endpoint, deployment, spec }, { script }) {
    const own = script?.model;
    if (spec.packagedEnvironment !== undefined) {
      return {
        notExpressible: 'The plugin deploys models, not the environments they are packaged into.',
      };
    }
    const model = modelNameVersion(spec.model);
    if (!model) {
      return {
        notExpressible: spec.model.endsWith('@latest')
          ? 'The plugin wants the version of a model, not @latest.'
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
        : `f"models:/${model.name}/{${variable}}"`;
    if (spec.egressPublicNetworkAccess === 'disabled') {
      return { notExpressible: 'The plugin has no setting for a deployment without egress.' };
    }
    const { open, hidden } = splitVariables(spec.environmentVariables);
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
    const lost = [
      ...(spec.requestSettings ? ['request settings'] : []),
      ...(spec.livenessProbe || spec.readinessProbe ? ['probes'] : []),
      ...(spec.tags && Object.keys(spec.tags).length > 0 ? ['tags'] : []),
    ].join(', ');
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
      return { notExpressible: 'The plugin sets tags of an endpoint, but takes none off.' };
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
        { mirror_traffic: normalise(to) },
        `client.update_endpoint(endpoint=${literal(endpoint)}, config={"endpoint-config-file": ${literal(file)}})`,
      ),
    };
  },

  scaleDeployment: () => ({
    notExpressible: 'MLflow has no call that changes the number of instances of a deployment.',
  }),

  deleteDeployment: ({ endpoint, deployment }) => ({
    lines: [`client.delete_deployment(name=${literal(deployment)}, endpoint=${literal(endpoint)})`],
  }),

  deleteEndpoint: ({ endpoint }) => ({
    lines: [`client.delete_endpoint(endpoint=${literal(endpoint)})`],
  }),
};

export const inMlflow = (change: Change, context: DialectContext): Code =>
  say(mlflow, change, context);
