/** Workspaces that other tools on this machine already know of. Reads only; asks no service. */
import { withoutUndefined } from '../common/without-undefined.js';
import { readTextSync } from '../common/read-text.js';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { CloudName } from '../azure/types.js';

interface Discovered {
  /** What a person reads: the file's path, `az defaults`, or `environment`. */
  from: string;
  subscriptionId?: string;
  resourceGroup?: string;
  workspaceName?: string;
  tenantId?: string;
  cloud?: CloudName;
}

interface DiscoverOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  home?: string;
}

/** `MLClient.from_config` looks in these folders, in this order, at each of 20 levels upwards. */
const FOLDERS = ['.azureml', 'aml_config', '.'] as const;
const FILES = ['config.json', 'project.json'] as const;
const LEVELS = 20;

const CLOUDS: Record<string, CloudName> = {
  azurecloud: 'public',
  azureusgovernment: 'usgov',
  azurechinacloud: 'china',
};

function textOf(path: string): string | undefined {
  try {
    return readTextSync(path).replace(/^\uFEFF/, '');
  } catch {
    return undefined;
  }
}

function readObject(path: string): Record<string, unknown> | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

/** Names a workspace by itself, or by the ARM id of older files. */
function fromConfigObject(path: string, config: Record<string, unknown>): Discovered | undefined {
  const scope = asText(config['Scope']) ?? asText(config['scope']) ?? '';
  const part = (kind: string) => new RegExp(`/${kind}/([^/]+)`, 'i').exec(scope)?.[1];
  const found = withoutUndefined({
    from: path,
    // As `MLClient.from_config` does: the id goes before the names.
    subscriptionId: part('subscriptions') ?? asText(config['subscription_id']),
    resourceGroup: part('resourceGroups') ?? asText(config['resource_group']),
    workspaceName: part('workspaces') ?? asText(config['workspace_name']),
  });
  return found.workspaceName === undefined ? undefined : found;
}

function fromConfigFiles(cwd: string, problems: string[]): Discovered | undefined {
  let folder = resolve(cwd);
  for (let level = 0; level < LEVELS; level += 1) {
    for (const path of FOLDERS.flatMap((each) => FILES.map((file) => join(folder, each, file)))) {
      try {
        const config = readObject(path);
        const found = config && fromConfigObject(path, config);
        if (found) return found;
      } catch {
        problems.push(`${path} is not valid JSON, so it was ignored.`);
      }
    }
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return undefined;
}

/** Sections of an INI file as the Azure CLI writes it. */
function readIni(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const written = line.trim();
    const header = /^\[([^\]]+)\]$/.exec(written)?.[1];
    if (header !== undefined) {
      section = sections[header] ??= {};
      continue;
    }
    const at = written.indexOf('=');
    const name = written.slice(0, Math.max(0, at)).trimEnd();
    if (name !== '' && !/^[#;]/.test(name)) section[name] = written.slice(at + 1).trimStart();
  }
  return sections;
}

interface AzProfile {
  subscriptions?: {
    id?: string;
    tenantId?: string;
    isDefault?: boolean;
    environmentName?: string;
  }[];
}

function fromAz(
  env: DiscoverOptions['env'] & object,
  home: string,
  problems: string[],
): Discovered | undefined {
  const folder = asText(env['AZURE_CONFIG_DIR']) ?? join(home, '.azure');
  const config = readIni(textOf(join(folder, 'config')) ?? '');
  const defaults = config['defaults'] ?? {};
  const profilePath = join(folder, 'azureProfile.json');
  let profile: AzProfile = {};
  try {
    profile = readObject(profilePath) ?? {};
  } catch {
    problems.push(`${profilePath} is not valid JSON, so it was ignored.`);
  }
  const subscription = profile.subscriptions?.find((each) => each.isDefault);
  const cloud = (config['cloud']?.['name'] ?? subscription?.environmentName)?.toLowerCase();
  const found = withoutUndefined({
    from: 'az defaults',
    subscriptionId: asText(subscription?.id),
    tenantId: asText(subscription?.tenantId),
    resourceGroup: asText(env['AZURE_DEFAULTS_GROUP']) ?? asText(defaults['group']),
    workspaceName: asText(env['AZURE_DEFAULTS_WORKSPACE']) ?? asText(defaults['workspace']),
    cloud: cloud === undefined ? undefined : CLOUDS[cloud],
  });
  return (found.subscriptionId ?? found.workspaceName) ? found : undefined;
}

function fromEnvironment(env: DiscoverOptions['env'] & object): Discovered | undefined {
  const found = withoutUndefined({
    from: 'environment',
    subscriptionId: asText(env['AZUREML_ARM_SUBSCRIPTION']) ?? asText(env['AZURE_SUBSCRIPTION_ID']),
    resourceGroup: asText(env['AZUREML_ARM_RESOURCEGROUP']),
    workspaceName: asText(env['AZUREML_ARM_WORKSPACE_NAME']),
    tenantId: asText(env['AZURE_TENANT_ID']),
  });
  return found.subscriptionId === undefined ? undefined : found;
}

/** What is found, the most specific first: config.json, the environment, the defaults of `az`. */
export function discover(options: DiscoverOptions = {}): {
  found: Discovered[];
  problems: string[];
} {
  const { cwd = process.cwd(), env = process.env, home = homedir() } = options;
  const problems: string[] = [];
  const found = [fromConfigFiles(cwd, problems), fromEnvironment(env), fromAz(env, home, problems)];
  return { found: found.filter((each) => each !== undefined), problems };
}
