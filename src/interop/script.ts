/** Whole scripts that do again what a rollout did, in the order it was done. */
import type { Change } from '../rollout/changes/change.js';
import { kindOf } from '../rollout/changes/kinds.js';
import { inAz } from './az.js';
import type { Code, DialectContext } from './dialect.js';
import { inMlflow } from './mlflow.js';
import { inPython } from './python.js';
import { pythonLiteral as literal } from './python-literal.js';
import { shellWord } from './shell.js';

/** A comment of one line, whatever the title holds. */
const comment = (text: string): string => `# ${text.replaceAll(/\s+/g, ' ')}`;

function body(changes: readonly Change[], speak: (change: Change) => Code): string[] {
  return changes.flatMap((change) => {
    const code = speak(change);
    if ('notExpressible' in code) {
      return ['', comment(`Left out: ${kindOf(change).title(change)}. ${code.notExpressible}`)];
    }
    return code.lines.length === 0
      ? []
      : ['', comment(kindOf(change).title(change)), ...code.lines];
  });
}

/** A bash script for the Azure CLI with its `ml` extension; needs a sign-in by `az login`. */
export function azScript(changes: readonly Change[], context: DialectContext): string {
  const lines = [
    '#!/usr/bin/env bash',
    '# Made by aml-rollout. Needs the Azure CLI, its ml extension, and a sign-in (az login).',
    'set -euo pipefail',
    '',
    `SUBSCRIPTION=${shellWord(context.subscriptionId)}`,
    `RESOURCE_GROUP=${shellWord(context.resourceGroup)}`,
    `WORKSPACE=${shellWord(context.workspaceName)}`,
    ...body(changes, (change) => inAz(change, { ...context, variables: true, withoutTags: true })),
  ];
  return `${lines.join('\n')}\n`;
}

const PYTHON_IMPORTS: readonly [string, string][] = [
  ['AssetTypes', 'azure.ai.ml.constants'],
  ['IdentityConfiguration', 'azure.ai.ml.entities'],
  ['ManagedIdentityConfiguration', 'azure.ai.ml.entities'],
  ['ManagedOnlineDeployment', 'azure.ai.ml.entities'],
  ['ManagedOnlineEndpoint', 'azure.ai.ml.entities'],
  ['Model', 'azure.ai.ml.entities'],
  ['OnlineRequestSettings', 'azure.ai.ml.entities'],
  ['ProbeSettings', 'azure.ai.ml.entities'],
];

/** A Python script for `azure-ai-ml`. */
export function pythonScript(changes: readonly Change[], context: DialectContext): string {
  const code = body(changes, (change) => inPython(change, { ...context, withoutTags: true }));
  const uses = (name: string) =>
    code.some((line) => new RegExp(`\\b${name}\\(|\\b${name}\\.`).test(line));
  const modules = new Map<string, string[]>();
  for (const [name, module] of PYTHON_IMPORTS) {
    if (uses(name)) modules.set(module, [...(modules.get(module) ?? []), name]);
  }
  const { subscriptionId, resourceGroup, workspaceName } = context;
  const lines = [
    '"""Made by aml-rollout. Needs: pip install azure-ai-ml azure-identity"""',
    ...(uses('os') ? ['import os', ''] : []),
    'from azure.ai.ml import MLClient',
    ...[...modules].map(([module, names]) => `from ${module} import ${names.join(', ')}`),
    'from azure.identity import DefaultAzureCredential',
    '',
    'ml_client = MLClient(',
    '    DefaultAzureCredential(),',
    `    subscription_id=${literal(subscriptionId)},`,
    `    resource_group_name=${literal(resourceGroup)},`,
    `    workspace_name=${literal(workspaceName)},`,
    ')',
    ...code,
  ];
  return `${lines.join('\n')}\n`;
}

/** A Python script for MLflow; the tracking uri is the workspace's own. */
export function mlflowScript(
  changes: readonly Change[],
  context: DialectContext & { location: string },
): string {
  const { subscriptionId, resourceGroup, workspaceName, location } = context;
  const workspace = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${workspaceName}`;
  const lines = [
    '"""Made by aml-rollout. Needs: pip install mlflow azureml-mlflow"""',
    'import json',
    '',
    'import mlflow',
    'from mlflow.deployments import get_deploy_client',
    '',
    `mlflow.set_tracking_uri(${literal(`azureml://${location}.api.azureml.ms/mlflow/v1.0${workspace}`)})`,
    'client = get_deploy_client(mlflow.get_tracking_uri())',
    ...body(changes, (change) => inMlflow(change, { ...context, withoutTags: true })),
  ];
  return `${lines.join('\n')}\n`;
}
