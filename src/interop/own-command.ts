/** Options of this program's commands as a person can paste them. */
import type { Connection } from '../azure/types.js';
import { shellOption } from './shell.js';

const OPTIONS = {
  subscriptionId: '--subscription',
  resourceGroup: '--resource-group',
  workspaceName: '--workspace',
  cloud: '--cloud',
  signIn: '--sign-in',
  tenantId: '--tenant',
  proxyUrl: '--proxy-url',
  caFile: '--ca-file',
  identityEndpoint: '--identity-endpoint',
} as const satisfies Partial<Record<keyof Connection, string>>;

const DEFAULTS: Partial<Connection> = { cloud: 'public', signIn: 'default' };

/** The options that name this workspace and how to reach it; what is a default is left out. */
export const connectionWords = (connection: Partial<Connection>): string =>
  (Object.keys(OPTIONS) as (keyof typeof OPTIONS)[])
    .flatMap((key) => {
      const value = connection[key];
      return value === undefined || value === DEFAULTS[key]
        ? []
        : [shellOption(OPTIONS[key], value)];
    })
    .join(' ');

/** The option that names a saved workspace, or the built-in one. */
export const profileWords = ({ sandbox, name }: { sandbox: boolean; name: string }): string =>
  sandbox ? '--sandbox' : shellOption('--profile', name);
