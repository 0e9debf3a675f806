/** A Python script for `azure-ai-ml`. */
import type { WorkspaceRef } from '../azure/types.js';
import type { Change } from '../rollout/changes/change.js';
import { inPython } from './python.js';
import { mlClient } from './ml-client.js';
import { pythonLiteral as literal } from './python-literal.js';
import { indented, scriptSteps, stepLines, type ScriptStep } from './script.js';

const IMPORTS: readonly [string, string][] = [
  ['AssetTypes', 'azure.ai.ml.constants'],
  ['AzureMLOnlineInferencingServer', 'azure.ai.ml.entities'],
  ['IdentityConfiguration', 'azure.ai.ml.entities'],
  ['ManagedIdentityConfiguration', 'azure.ai.ml.entities'],
  ['ManagedOnlineDeployment', 'azure.ai.ml.entities'],
  ['ManagedOnlineEndpoint', 'azure.ai.ml.entities'],
  ['Model', 'azure.ai.ml.entities'],
  ['ModelPackage', 'azure.ai.ml.entities'],
  ['OnlineRequestSettings', 'azure.ai.ml.entities'],
  ['ProbeSettings', 'azure.ai.ml.entities'],
];

const EXISTS = `
def exists(read, *names):
    """Is it there already? What is there but can't be used ends the script."""
    try:
        state = read(*names).provisioning_state
    except ResourceNotFoundError:
        return False
    if state != "Succeeded":
        sys.exit(f"{names[0]} is {state}: wait, or delete it, then run this again.")
    return True`;

const SERVES = `
def is_done(endpoint, split, deployments):
    """Is this split live, and are these deployments there?"""
    try:
        live = ml_client.online_endpoints.get(endpoint).traffic or {}
    except ResourceNotFoundError:
        return False
    same = {name: share for name, share in live.items() if share} == split
    return same and all(exists(ml_client.online_deployments.get, name, endpoint) for name in deployments)`;

const ASK = `
def ask(endpoint, deployment):
    """The deployment answers the sample, where there is one, before it is given any traffic."""
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

export function pythonScript(changes: readonly Change[], context: WorkspaceRef): string {
  const { endpoint, rollout, after, done } = scriptSteps(changes);
  const said = (steps: readonly ScriptStep[]): string[] =>
    steps.flatMap((step) => {
      const script = step.model ? { model: step.model } : {};
      return stepLines(step, inPython(step.change, { ...context, script }), wrap);
    });
  const body = [
    ...(done
      ? [
          '',
          `if is_done(${literal(endpoint)}, ${literal(done.split)}, ${literal(done.deployments)}):`,
          '    print("The split at the end is live already.")',
          'else:',
          ...indented(said(rollout), '    ').slice(1),
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
    '"""Made by aml-rollout. Needs: pip install azure-ai-ml azure-identity',
    '',
    'Can be run again. It looks at no gates: do so between the steps.',
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
