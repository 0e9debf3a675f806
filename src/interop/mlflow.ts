/**
 * Changes in MLflow's deployment API with the `azureml-mlflow` plugin. `client` is
 * `get_deploy_client(mlflow.get_tracking_uri())`; settings travel in JSON files.
 */
import { pathToFileURL } from 'node:url';
import type { Change } from '../rollout/changes/change.js';
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

const mlflow: Dialect = {
  registerModel({ model, version, folder }) {
    if (folder === undefined) {
      return {
        notExpressible:
          'MLflow registers a run of its own tracking server or a local folder, not another place in Azure.',
      };
    }
    return {
      lines: [
        `# MLflow takes the next free version by itself; here that was ${version.replaceAll(/\s/g, ' ')}.`,
        `mlflow.register_model(model_uri=${literal(pathToFileURL(folder).href)}, name=${literal(model)})`,
      ],
    };
  },

  createEndpoint({ endpoint, authMode, identity, description, tags }) {
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
    };
    return {
      lines: withFile(
        file,
        config,
        `client.create_endpoint(name=${literal(endpoint)}, config={"endpoint-config-file": ${literal(file)}})`,
      ),
    };
  },

  createDeployment({ endpoint, deployment, spec }) {
    const model = modelNameVersion(spec.model);
    if (!model) {
      return { notExpressible: 'MLflow deploys models of the workspace, not of a registry.' };
    }
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
      ...(spec.appInsightsEnabled !== undefined && {
        app_insights_enabled: spec.appInsightsEnabled,
      }),
      ...(Object.keys(open).length > 0 && { environment_variables: open }),
    };
    const left =
      spec.requestSettings || spec.livenessProbe || spec.readinessProbe
        ? [
            '# Request settings and probes are left out: the plugin hands them on in the wrong unit.',
          ]
        : [];
    return {
      lines: [
        ...left,
        ...withFile(
          file,
          config,
          `client.create_deployment(name=${literal(deployment)}, endpoint=${literal(endpoint)}, model_uri=${literal(`models:/${model.name}/${model.version}`)}, config={"deploy-config-file": ${literal(file)}})`,
        ),
      ],
    };
  },

  setTraffic({ endpoint, to, tags, why }, { withoutTags }) {
    const set = Object.entries(withoutTags ? {} : (tags ?? {})).filter(
      ([, value]) => value !== null,
    );
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
