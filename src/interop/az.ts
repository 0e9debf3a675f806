/** Changes as commands of the Azure CLI with its `ml` extension. */
import { NEXT_VERSION, type Change } from '../rollout/changes/change.js';
import { say, type Code, type Dialect, type DialectContext } from './dialect.js';
import { commandLines, heredoc, shellWord } from './shell.js';
import { deploymentYaml, endpointYaml, packageYaml, splitVariables } from './yaml-out.js';

function workspaceArguments(context: DialectContext): string[] {
  const { subscriptionId, resourceGroup, workspaceName, script } = context;
  return script
    ? ['"${WORKSPACE_ARGS[@]}"']
    : [
        `--subscription ${shellWord(subscriptionId)}`,
        `--resource-group ${shellWord(resourceGroup)} --workspace-name ${shellWord(workspaceName)}`,
      ];
}

function command(context: DialectContext, ...groups: string[]): string[] {
  return commandLines([...groups, ...workspaceArguments(context)]);
}

/** `name=value` pairs as one quoted word; every name is said, zero shares too. */
const splitWord = (split: Record<string, number>): string =>
  `"${Object.entries(split)
    .map(([name, share]) => `${name}=${share}`)
    .join(' ')}"`;

const pairs = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => shellWord(`${name}=${value}`))
    .join(' ');

function tagGroups(tags: Record<string, string | null> | undefined): string[] {
  const entries = Object.entries(tags ?? {});
  return entries.map(([name, value]) =>
    value === null
      ? `--remove ${shellWord(`tags.${name}`)}`
      : `--set ${shellWord(`tags.${name}=${value}`)}`,
  );
}

const az: Dialect = {
  registerModel(change, context) {
    const { model, version, folder, uri, description, tags } = change;
    return {
      lines: command(
        context,
        `az ml model create --name ${shellWord(model)}${version === NEXT_VERSION ? '' : ` --version ${shellWord(version)}`}`,
        `--type mlflow_model --path ${shellWord(folder ?? uri ?? '')}`,
        ...(description !== undefined ? [`--description ${shellWord(description)}`] : []),
        ...(tags && Object.keys(tags).length > 0 ? [`--tags ${pairs(tags)}`] : []),
      ),
    };
  },

  packageModel({ model, version, environment, environmentVersion }, context) {
    const file = context.script?.file ?? 'package.yml';
    return {
      lines: [
        ...(context.script?.file === undefined
          ? heredoc(file, packageYaml(`azureml:${environment}:${environmentVersion}`))
          : []),
        ...command(
          context,
          `az ml model package --name ${shellWord(model)} --version ${shellWord(version)}`,
          `--file ${shellWord(file)}`,
        ),
      ],
    };
  },

  createEndpoint(change, context) {
    const file = context.script?.file ?? 'endpoint.yml';
    return {
      lines: [
        ...(context.script?.file === undefined ? heredoc(file, endpointYaml(change)) : []),
        ...command(context, `az ml online-endpoint create --file ${shellWord(file)}`),
      ],
    };
  },

  createDeployment(change, context) {
    const file = context.script?.file ?? `${change.role}-deployment.yml`;
    const { hidden } = splitVariables(change.spec.environmentVariables);
    return {
      lines: [
        ...(context.script?.file === undefined ? heredoc(file, deploymentYaml(change)) : []),
        ...hidden.map((name) => `: "\${${name}:?set ${name} first, its value is not kept}"`),
        ...command(
          context,
          `az ml online-deployment create --file ${shellWord(file)}`,
          ...hidden.map((name) => `--set environment_variables.${name}="$${name}"`),
        ),
      ],
    };
  },

  setTraffic(change, context) {
    const tags = context.script ? [] : tagGroups(change.tags);
    const groups = [
      ...(change.why === 'close' ? [] : [`--traffic ${splitWord(change.to)}`]),
      ...tags,
    ];
    if (groups.length === 0) return { lines: [] };
    const name = shellWord(change.endpoint);
    return { lines: command(context, `az ml online-endpoint update --name ${name}`, ...groups) };
  },

  setMirror(change, context) {
    // An empty list would leave the mirror as it is; off is a share of zero.
    const off = Object.fromEntries(Object.keys(change.from).map((name) => [name, 0]));
    return {
      lines: command(
        context,
        `az ml online-endpoint update --name ${shellWord(change.endpoint)}`,
        `--mirror-traffic ${splitWord({ ...off, ...change.to })}`,
      ),
    };
  },

  scaleDeployment(change, context) {
    return {
      lines: command(
        context,
        `az ml online-deployment update --name ${shellWord(change.deployment)}`,
        `--endpoint-name ${shellWord(change.endpoint)} --instance-count ${change.to}`,
      ),
    };
  },

  deleteDeployment(change, context) {
    return {
      lines: command(
        context,
        `az ml online-deployment delete --name ${shellWord(change.deployment)}`,
        `--endpoint-name ${shellWord(change.endpoint)} --yes`,
      ),
    };
  },

  deleteEndpoint(change, context) {
    return {
      lines: command(
        context,
        `az ml online-endpoint delete --name ${shellWord(change.endpoint)} --yes`,
      ),
    };
  },
};

export const inAz = (change: Change, context: DialectContext): Code => say(az, change, context);
