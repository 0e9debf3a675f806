/** A Python script for MLflow with the `azureml-mlflow` plugin. */
import type { WorkspaceRef } from '../azure/types.js';
import type { Change } from '../rollout/changes/change.js';
import { inMlflow } from './mlflow.js';
import { mlClient } from './ml-client.js';
import { pythonLiteral as literal } from './python-literal.js';
import { indented, scriptSteps, stepLines, type ScriptStep } from './script.js';

const VERSION_OF = `
def version_of(name, version, folder):
    """The version where it is registered; else what the folder is registered as, the next free one."""
    for each in mlflow.MlflowClient().search_model_versions(f"name='{name}'"):
        if str(each.version) == version:
            return version
    return mlflow.register_model("file://" + str(pathlib.Path(folder).resolve()), name).version`;

const EXISTS = `
def exists(things, name):
    """Is it there already? What is there but can't be used ends the script."""
    for each in things:
        if each["name"] == name:
            state = each["properties"]["provisioningState"]
            if state != "Succeeded":
                sys.exit(f"{name} is {state}: wait, or delete it, then run this again.")
            return True
    return False`;

const IS_DONE = `
def is_done(endpoint, split, deployments):
    """Is this split live, and are these deployments there?"""
    if not exists(client.list_endpoints(), endpoint):
        return False
    live = client.get_endpoint(endpoint)["properties"].get("traffic") or {}
    there = client.list_deployments(endpoint=endpoint)
    same = {name: share for name, share in live.items() if share} == split
    return same and all(exists(there, name) for name in deployments)`;

const ASK = `
def ask(endpoint, deployment):
    """The deployment answers the sample, where there is one, before it is given any traffic."""
    if os.path.exists("sample.json"):
        import pandas

        with open("sample.json") as file:
            rows = json.load(file)["input_data"]
        frame = pandas.DataFrame(rows["data"], columns=rows["columns"], index=rows["index"])
        print(deployment, "answers", client.predict(deployment, frame, endpoint=endpoint))`;

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

export function mlflowScript(changes: readonly Change[], context: WorkspaceRef): string {
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
      return stepLines(step, inMlflow(step.change, { ...context, script }), wrap);
    });
  const rolledOut = said(rollout);
  const body = [
    ...(done
      ? [
          '',
          `if is_done(${literal(endpoint)}, ${literal(done.split)}, ${literal(done.deployments)}):`,
          '    print("The split at the end is live already.")',
          'else:',
          ...indented(rolledOut, '    ').slice(1),
          // A branch of comments alone would be no Python.
          ...(rolledOut.every((line) => line === '' || line.startsWith('#')) ? ['    pass'] : []),
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
    '"""Made by aml-rollout. Needs: pip install azure-ai-ml azure-identity mlflow azureml-mlflow',
    '',
    'Can be run again. It looks at no gates: do so between the steps.',
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
    '# Its host hangs on region and cloud, so the workspace is asked.',
    `tracking_uri = ml_client.workspaces.get(${literal(workspaceName)}).mlflow_tracking_uri`,
    'mlflow.set_tracking_uri(tracking_uri)',
    'client = get_deploy_client(tracking_uri)',
    ...helpers.flatMap((helper) => ['', ...helper.split('\n')]),
    ...(helpers.length > 0 ? [''] : []),
    ...body,
  ];
  return `${lines.join('\n')}\n`;
}
