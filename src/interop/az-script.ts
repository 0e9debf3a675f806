/** A bash script for the Azure CLI with its `ml` extension; needs a sign-in by `az login`. */
import type { WorkspaceRef } from '../azure/types.js';
import type { Change } from '../rollout/changes/change.js';
import { inAz } from './az.js';
import { indented, scriptSteps, stepLines, type ScriptStep } from './script.js';
import { shellWord } from './shell.js';

const HELPERS = `
WORKSPACE_ARGS=(--subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --workspace-name "$WORKSPACE")

# The state of an endpoint or a deployment; nothing where there is none.
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

# Is it yet to be made? What is there but can't be used ends the script.
missing() {
  local found
  found=$(state "$@") || exit 1
  case $found in
    '') return 0 ;;
    Succeeded) echo "$2 is there already" && return 1 ;;
    *) echo "$2 is $found: wait, or delete it, then run this again" >&2 && exit 1 ;;
  esac
}

# Has the deployment just this share of the live traffic, in percent?
serves() {
  local found
  found=$(az ml online-endpoint list "\${WORKSPACE_ARGS[@]}" --query "[?name=='$ENDPOINT'].traffic.\\"$1\\"" --output tsv) || exit 1
  [ "\${found:-0}" = "$2" ]
}

# The deployment answers the sample, where there is one, before it is given any traffic.
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

/** @param fileOf the YAML file beside the script that says what is created */
export function azScript(
  changes: readonly Change[],
  context: WorkspaceRef,
  fileOf: (change: Change) => string | undefined,
): string {
  const { endpoint, rollout, after, done } = scriptSteps(changes);
  const said = (steps: readonly ScriptStep[]): string[] =>
    steps.flatMap((step) => {
      const file = fileOf(step.change);
      // The deployment's file has its model in it, which is registered along with it.
      const script = file === undefined ? {} : { file };
      return stepLines(step, inAz(step.change, { ...context, script }), wrap);
    });
  const finished = done && [
    ...Object.entries(done.split).map(([name, share]) => `serves ${shellWord(name)} ${share}`),
    ...done.deployments.map(
      (name) =>
        `[ "$(state online-deployment ${shellWord(name)} --endpoint-name "$ENDPOINT")" = Succeeded ]`,
    ),
  ];
  const lines = [
    '#!/usr/bin/env bash',
    '# Made by aml-rollout. Needs the Azure CLI, its ml extension, a sign-in (az login), and the',
    '# YAML files beside it. Can be run again. It looks at no gates: do so between the steps.',
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
          `  echo 'The split at the end is live already.'`,
          'else',
          ...indented(said(rollout), '  ').slice(1),
          'fi',
        ]
      : said(rollout)),
    ...said(after),
  ];
  return `${lines.join('\n')}\n`;
}
