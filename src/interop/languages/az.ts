/** The Azure CLI with its `ml` extension: commands, and a bash script that needs `az login`. */
import { NEXT_VERSION, type Change } from '../../rollout/changes/change.js';
import { indented, orNothing, scriptSteps, stepLines, type ScriptStep } from '../script.js';
import { commandLines, heredoc, shellOption, shellWord } from '../shell.js';
import { isIdentifier, outsideName, splitVariables } from '../variables.js';
import { deploymentYaml, endpointYaml, packageYaml } from '../yaml-out.js';
import {
  codeFor,
  NotExpressible,
  type CodeContext,
  type Language,
  type Words,
} from './language.js';

function workspaceArguments(context: CodeContext): string[] {
  const { subscriptionId, resourceGroup, workspaceName, script } = context;
  return script
    ? ['"${WORKSPACE_ARGS[@]}"']
    : [
        shellOption('--subscription', subscriptionId),
        `${shellOption('--resource-group', resourceGroup)} ${shellOption('--workspace-name', workspaceName)}`,
      ];
}

function command(context: CodeContext, ...groups: string[]): string[] {
  return commandLines([...groups, ...workspaceArguments(context)]);
}

/** `name=value` pairs as one quoted word; every name is said, zero shares too. */
function splitWord(split: Record<string, number>): string {
  const text = Object.entries(split)
    .map(([name, share]) => `${name}=${share}`)
    .join(' ');
  return /^[\w=. -]*$/.test(text) ? `"${text}"` : shellWord(text);
}

/** The CLI splits such a pair at its first `=`, and takes a leading dash for an option. */
function pairs(values: Record<string, string>): string {
  const odd = Object.keys(values).find((name) => name === '' || /^-|=/.test(name));
  if (odd !== undefined) {
    throw new NotExpressible(`The Azure CLI can't set a tag named ${JSON.stringify(odd)}.`);
  }
  return Object.entries(values)
    .map(([name, value]) => shellWord(`${name}=${value}`))
    .join(' ');
}

function tagGroups(tags: Record<string, string | null> | undefined): string[] {
  const entries = Object.entries(tags ?? {});
  const odd = entries.find(([name]) => !/^[\w-]+$/.test(name));
  if (odd) {
    throw new NotExpressible(
      `The Azure CLI can't name the tag ${JSON.stringify(odd[0])} by itself.`,
    );
  }
  return entries.map(([name, value]) =>
    value === null
      ? `--remove ${shellWord(`tags.${name}`)}`
      : `--set ${shellWord(`tags.${name}=${value}`)}`,
  );
}

const words: Words = {
  registerModel(change, context) {
    const { model, version, folder, uri, description, tags } = change;
    return {
      lines: command(
        context,
        `az ml model create ${shellOption('--name', model)}${version === NEXT_VERSION ? '' : ` ${shellOption('--version', version)}`}`,
        `--type mlflow_model ${shellOption('--path', folder ?? uri ?? '')}`,
        ...(description !== undefined ? [shellOption('--description', description)] : []),
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
          `az ml model package ${shellOption('--name', model)} ${shellOption('--version', version)}`,
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
    const { hidden } = splitVariables(change.spec.environmentVariables, context.visible);
    const odd = hidden.find((name) => !isIdentifier(name));
    if (odd !== undefined) {
      throw new NotExpressible(
        `The environment variable ${JSON.stringify(odd.slice(0, 64))} has a name that a shell can't export.`,
      );
    }
    return {
      lines: [
        ...(context.script?.file === undefined
          ? heredoc(file, deploymentYaml(change, { visible: context.visible }))
          : []),
        ...hidden.map((name) => {
          const outside = outsideName(name);
          return `: "\${${outside}:?set ${outside} first, its value is not kept}"`;
        }),
        ...command(
          context,
          `az ml online-deployment create --file ${shellWord(file)}`,
          ...hidden.map((name) => `--set environment_variables.${name}="$${outsideName(name)}"`),
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
        `--endpoint-name ${shellWord(change.endpoint)} ${shellOption('--instance-count', String(change.to))}`,
      ),
    };
  },

  copyAutoscale: () => ({
    notExpressible:
      'The Azure CLI has no command that copies an autoscale setting: az monitor autoscale creates one from its rules.',
  }),

  deleteAutoscale: () => ({
    notExpressible: 'The Azure CLI did not copy the autoscale setting, so it has none to delete.',
  }),

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

const HELPERS = `
WORKSPACE_ARGS=(--subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --workspace-name "$WORKSPACE")

# The state of an endpoint or a deployment; empty if it does not exist.
state() {
  local kind=$1 name=$2
  shift 2
  az ml "$kind" list "$@" "\${WORKSPACE_ARGS[@]}" --query "[?name=='$name'].provisioning_state" --output tsv
}

exists() {
  local found
  found=$(state "$@") || exit 1
  [ -n "$found" ]
}

# Does it have to be created? One that exists but is not usable ends the script.
missing() {
  local found
  found=$(state "$@") || exit 1
  case $found in
    '') return 0 ;;
    Succeeded) echo "$2 already exists" && return 1 ;;
    *) echo "$2 is $found: wait, or delete it, then run this again" >&2 && exit 1 ;;
  esac
}

# Does the deployment have exactly this traffic weight?
serves() {
  local found
  found=$(az ml online-endpoint list "\${WORKSPACE_ARGS[@]}" --query "[?name=='$ENDPOINT'].traffic.\\"$1\\"" --output tsv) || exit 1
  [ "\${found:-0}" = "$2" ]
}

# Sends the sample, if there is one, before the deployment gets any traffic.
ask() {
  [ ! -f sample.json ] || az ml online-endpoint invoke --name "$ENDPOINT" --deployment-name "$1" --request-file sample.json "\${WORKSPACE_ARGS[@]}"
}`;

/** Asks first, so that the script can be run again. */
function wrap(change: Change, lines: string[]): string[] {
  const endpoint = '--endpoint-name "$ENDPOINT"';
  switch (change.kind) {
    case 'createEndpoint':
      return [
        `if missing online-endpoint ${shellWord(change.endpoint)}; then`,
        ...indented(lines, '  '),
        'fi',
      ];
    case 'createDeployment': {
      const name = shellWord(change.deployment);
      return [
        `if missing online-deployment ${name} ${endpoint}; then`,
        ...indented(lines, '  '),
        'fi',
        `ask ${name}`,
      ];
    }
    case 'deleteDeployment':
      return [
        `if exists online-deployment ${shellWord(change.deployment)} ${endpoint}; then`,
        ...indented(lines, '  '),
        'fi',
      ];
    case 'deleteEndpoint':
      return [
        `if exists online-endpoint ${shellWord(change.endpoint)}; then`,
        ...indented(lines, '  '),
        'fi',
      ];
    default:
      return lines;
  }
}

function write(
  changes: readonly Change[],
  context: CodeContext,
  fileOf: (change: Change) => string | undefined,
): string {
  const { endpoint, rollout, after, done } = scriptSteps(changes);
  const said = (steps: readonly ScriptStep[]): string[] =>
    steps.flatMap((step) => {
      const file = fileOf(step.change);
      // The deployment's file has its model in it, which is registered along with it.
      const script = file === undefined ? {} : { file };
      return stepLines(step, codeFor(az, step.change, { ...context, script }), wrap);
    });
  const finished = done && [
    ...Object.entries(done.split).map(
      ([name, share]) => `serves ${shellWord(name)} ${shellWord(String(share))}`,
    ),
    ...done.deployments.map(
      (name) =>
        `[ "$(state online-deployment ${shellWord(name)} --endpoint-name "$ENDPOINT")" = Succeeded ]`,
    ),
  ];
  const lines = [
    '#!/usr/bin/env bash',
    '# Generated by aml-rollout. Needs the Azure CLI, its ml extension, a sign-in (az login), and the',
    '# YAML files beside it. Safe to run again. It checks no gates: check them between the steps.',
    'set -euo pipefail',
    'cd "$(dirname "$0")"',
    '',
    `SUBSCRIPTION=${shellWord(context.subscriptionId)}`,
    `RESOURCE_GROUP=${shellWord(context.resourceGroup)}`,
    `WORKSPACE=${shellWord(context.workspaceName)}`,
    `ENDPOINT=${shellWord(endpoint)}`,
    ...HELPERS.split('\n'),
    ...(finished
      ? [
          '',
          ...`if ${finished.join(' &&\n  ')}; then`.split('\n'),
          `  echo 'The final split is already live.'`,
          'else',
          ...orNothing(indented(said(rollout), '  ').slice(1), '  :'),
          'fi',
        ]
      : said(rollout)),
    ...said(after),
  ];
  return `${lines.join('\n')}\n`;
}

export const az = {
  id: 'az',
  title: 'az ml',
  words,
  script: { what: 'Azure CLI script', name: 'rollout.sh', executable: true, write },
} as const satisfies Language;
