/** Exported files as a shell and Python read them, and text that would run where it is not quoted. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';

const works = (command: string, ...words: string[]): boolean =>
  spawnSync(command, words).status === 0;
export const has = {
  shellcheck: works('shellcheck', '--version'),
  python: works('python3', '-c', 'pass'),
  pyyaml: works('python3', '-c', 'import yaml'),
};
export const why = (missing: boolean, what: string): string =>
  missing ? ` (NOT CHECKED: ${what} is not installed)` : '';

/** Where one of these ran, `pwned` is in the folder. */
const PIECES = [
  ...[
    '$(touch pwned)',
    '`touch pwned`',
    '}$(touch pwned)',
    '"; touch pwned; "',
    "'; touch pwned; '",
  ],
  ...['\ntouch pwned\n', '&& touch pwned', '| touch pwned', '" + evil("pwned") + "', '{0}', '}'],
  ...['{evil("pwned")}', '\\', '"""', "'", '"', '\n', '\r', '\t', ' ', '-', '--', '#', ': ', '!!'],
  ...[
    'YAML',
    '<<',
    '&a',
    '*a',
    '%',
    '=',
    '~',
    '\u2028',
    '\u0085',
    '\u202e',
    '\x1b]0;',
    '\x7f',
    'é',
  ],
  ...[
    'a',
    'A_KEY',
    '1',
    '$HOME',
    '${PATH}',
    '\ufeff',
    '😀',
    '\u{e0001}',
    '!',
    '?',
    '[',
    '{',
    ',',
    '>',
  ],
];
export const hostile = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''));

/** Writes down what it was called with; every question is answered with nothing. */
export const FAKE_AZ = `#!/bin/sh\nprintf '%s\\0' "$@" >> "$AZ_LOG"\nprintf 'END OF CALL\\0' >> "$AZ_LOG"\n`;

/** @param folder with `az`, which `FAKE_AZ` is */
export function runShell(script: string, cwd: string, folder: string): string[][] {
  const log = join(folder, 'log');
  writeFileSync(log, '');
  spawnSync('bash', ['-c', script], {
    cwd,
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: '/nowhere', AZ_LOG: log },
  });
  const calls: string[][] = [[]];
  for (const word of readFileSync(log, 'utf8').split('\0')) {
    if (word === 'END OF CALL') calls.push([]);
    else calls.at(-1)!.push(word);
  }
  return calls.slice(0, -1);
}

export function inPython(program: string, texts: readonly string[]): unknown {
  const ran = spawnSync('python3', ['-c', program], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout);
}

export const CALLS_AND_TEXTS = `
import ast, json, sys
def path(node):
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return path(node.value) + "." + node.attr
    if isinstance(node, ast.Call):
        return path(node.func) + "()"
    return path(node.value) + "[]" if isinstance(node, ast.Subscript) else ast.unparse(node)
def of(text):
    tree = ast.parse(text)
    compile(tree, "script", "exec")
    calls, texts = set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.add(path(node.func))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    return {"calls": sorted(calls), "texts": texts}
json.dump([of(text) for text in json.load(sys.stdin)], sys.stdout)`;

/** All that the scripts and previews may call. */
export const EXPECTED_CALLS: string[] = [
  'AzureMLOnlineInferencingServer',
  'DefaultAzureCredential',
  'IdentityConfiguration',
  'MLClient',
  'ManagedOnlineDeployment',
  'ManagedOnlineEndpoint',
  'Model',
  'ModelPackage',
  'OnlineRequestSettings',
  'Path',
  'Path().resolve',
  'ProbeSettings',
  'all',
  'any',
  'ask',
  'client.create_deployment',
  'client.create_endpoint',
  'client.delete_deployment',
  'client.delete_endpoint',
  'client.get_endpoint',
  'client.get_endpoint()[].get',
  'client.list_deployments',
  'client.list_endpoints',
  'client.predict',
  'client.update_endpoint',
  'exists',
  'get_deploy_client',
  'is_done',
  'json.dump',
  'json.load',
  'live.items',
  'ml_client.models.create_or_update',
  'ml_client.models.package',
  'ml_client.online_deployments.begin_create_or_update',
  'ml_client.online_deployments.begin_create_or_update().result',
  'ml_client.online_deployments.begin_delete',
  'ml_client.online_deployments.begin_delete().result',
  'ml_client.online_deployments.get',
  'ml_client.online_deployments.list',
  'ml_client.online_endpoints.begin_create_or_update',
  'ml_client.online_endpoints.begin_create_or_update().result',
  'ml_client.online_endpoints.begin_delete',
  'ml_client.online_endpoints.begin_delete().result',
  'ml_client.online_endpoints.get',
  'ml_client.online_endpoints.invoke',
  'ml_client.online_endpoints.list',
  'ml_client.workspaces.get',
  'mlflow.MlflowClient',
  'mlflow.MlflowClient().search_model_versions',
  'mlflow.register_model',
  'mlflow.set_tracking_uri',
  'open',
  'os.chdir',
  'os.path.exists',
  'pandas.DataFrame',
  'pathlib.Path',
  'pathlib.Path().resolve',
  'print',
  'read',
  'str',
  'sys.exit',
  'version_of',
];
