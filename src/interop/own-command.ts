/** Commands of this program, and their options, as a person can paste them. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Connection } from '../azure/types.js';
import { shellOption, shellWord } from './shell.js';

const NAME = 'aml-rollout';
const FILES = process.platform === 'win32' ? [`${NAME}.cmd`, `${NAME}.ps1`] : [NAME];
/** What npm puts before the PATH of its scripts, and of nothing that is typed later. */
const OF_NPM = /[\\/]node_modules[\\/]\.bin[\\/]?$/;

let started: string | undefined;

/** How a shell starts this program again: by its name where it finds it, else by npx or by its file, as it was started. */
function program(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((each) => !OF_NPM.test(each));
  const named = folders.some((folder) => FILES.some((file) => existsSync(join(folder, file))));
  if (named) return NAME;
  return process.env['npm_command'] === 'exec'
    ? `npx ${NAME}`
    : `node ${shellWord(process.argv[1] ?? NAME)}`;
}

/** A command line that runs as it is printed; empty words are left out. */
export const ownCommand = (...words: string[]): string =>
  [(started ??= program()), ...words].filter((each) => each !== '').join(' ');

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
