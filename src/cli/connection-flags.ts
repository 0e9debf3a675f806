/** Options that name a workspace, or how to reach it. */
import { Option, type Command } from 'commander';
import type { CloudName, SignIn } from '../azure/types.js';
import type { SavedConnection } from '../profiles/profile.js';

const CLOUDS: readonly CloudName[] = ['public', 'usgov', 'china'];
const SIGN_INS: readonly SignIn[] = [
  'default',
  'browser',
  'device-code',
  'cli',
  'managed-identity',
];

export interface ConnectionFlags {
  subscription?: string;
  resourceGroup?: string;
  workspace?: string;
  cloud?: CloudName;
  signIn?: SignIn;
  tenant?: string;
  proxyUrl?: string;
  caFile?: string;
  identityEndpoint?: string;
}

export interface WorkspaceFlags extends ConnectionFlags {
  profile?: string;
  sandbox?: true;
}

/** @param mandatory the workspace has to be named */
export function connectionOptions(command: Command, mandatory = false): Command {
  const named = (flags: string, description: string): Option =>
    new Option(flags, description).makeOptionMandatory(mandatory);
  return command
    .addOption(named('--subscription <id>', 'id of the subscription'))
    .addOption(named('--resource-group <name>', 'resource group'))
    .addOption(named('--workspace <name>', 'Azure ML workspace'))
    .addOption(new Option('--cloud <name>', 'cloud').choices(CLOUDS))
    .addOption(new Option('--sign-in <how>', 'how to sign in').choices(SIGN_INS))
    .option('--tenant <id>', 'tenant to sign in to')
    .option('--proxy-url <url>', 'outgoing proxy, without a password')
    .option('--ca-file <pem>', 'extra certificate authorities to trust')
    .option('--identity-endpoint <url>', 'managed-identity endpoint to connect to directly');
}

/** Which workspace: a profile, the sandbox, or one named here. */
export function workspaceOptions(command: Command): Command {
  const whole = ['subscription', 'resourceGroup', 'workspace'];
  command
    .addOption(
      new Option('--profile <name>', 'saved workspace (default: the one used last)').conflicts([
        ...whole,
        'sandbox',
      ]),
    )
    .addOption(new Option('--sandbox', 'the workspace on this machine').conflicts(whole));
  return connectionOptions(command);
}

/** The connection with the flags over it; an emptied one falls away when it is checked. */
export function withFlags(
  base: Partial<SavedConnection>,
  flags: ConnectionFlags,
): Partial<SavedConnection> {
  const named = {
    subscriptionId: flags.subscription,
    resourceGroup: flags.resourceGroup,
    workspaceName: flags.workspace,
    cloud: flags.cloud,
    signIn: flags.signIn,
    tenantId: flags.tenant,
    proxyUrl: flags.proxyUrl,
    caFile: flags.caFile,
    identityEndpoint: flags.identityEndpoint,
  };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return { ...base, ...(Object.fromEntries(given) as Partial<SavedConnection>) };
}
