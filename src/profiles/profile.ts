import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { withoutUndefined } from '../common/without-undefined.js';
import * as z from 'zod';
import type { Connection } from '../azure/types.js';
import { notifyMember, type PlannedNotice } from '../common/notice.js';

/** A profile can't be kept as asked. The message is the whole sentence, safe to print. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

/** What is kept of a connection: all but the one secret it may carry in memory. */
export type SavedConnection = Omit<Connection, 'identityHeader'>;

/** One saved way to reach a workspace. Holds no secret. */
export interface Profile {
  id: string;
  /** Unique, whatever the case. */
  name: string;
  /** Shown as PROD everywhere. */
  prod: boolean;
  /** ISO times. */
  createdAt: string;
  lastUsedAt?: string;
  connection: SavedConnection;
  /** Of rollouts whose plan has no `notify`. */
  notify?: PlannedNotice[];
}

/** What was chosen last, to be offered again. */
export interface Preferences {
  lastCsv?: string;
  lastModelFolder?: string;
  sampleRows?: number;
  sampleSeed?: number;
}

const connectionSchema = z.object({
  subscriptionId: z.string().min(1),
  resourceGroup: z.string().min(1),
  workspaceName: z.string().min(1),
  cloud: z.enum(['public', 'usgov', 'china']),
  signIn: z.enum(['default', 'browser', 'device-code', 'cli', 'managed-identity']),
  tenantId: z.string().optional(),
  proxyUrl: z.string().optional(),
  caFile: z.string().optional(),
  identityEndpoint: z.string().optional(),
});

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

export const profileSchema = z.object({
  id: z.string().min(1),
  // Files are edited by hand, too.
  name: z.string().refine((name) => name.trim() !== '' && !UNPRINTABLE.test(name)),
  prod: z.boolean(),
  createdAt: z.string(),
  lastUsedAt: z.string().optional(),
  connection: connectionSchema,
  notify: notifyMember,
});

export const preferencesSchema = z.object({
  lastCsv: z.string().optional(),
  lastModelFolder: z.string().optional(),
  sampleRows: z.number().int().positive().optional(),
  sampleSeed: z.number().int().optional(),
});

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
// From the naming rules of Azure resources (Microsoft Learn, "resource name rules").
const RESOURCE_GROUP = /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u;
const WORKSPACE = /^[A-Za-z0-9][A-Za-z0-9_-]{2,32}$/;
const TENANT = /^(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i;
/** The start screen lists the built-in workspace under this name. */
const RESERVED = 'sandbox';

/** The name as it is kept; throws a `ProfileError` for one that can't be a name. */
export function checkProfileName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw new ProfileError('A profile needs a name. Type at least one letter.');
  if (UNPRINTABLE.test(trimmed)) {
    throw new ProfileError('A profile name may not contain control or invisible characters.');
  }
  if ([...trimmed].length > 60) {
    throw new ProfileError('A profile name may be at most 60 characters long.');
  }
  if (trimmed.toLowerCase() === RESERVED) {
    throw new ProfileError(
      `"${RESERVED}" is the built-in workspace on this machine. Choose another name.`,
    );
  }
  return trimmed;
}

/**
 * The connection as it is kept: only known members with a value, paths absolute. Throws a
 * `ProfileError` that names the member which can't be right, or would put a secret on disk.
 */
export function checkConnection(connection: SavedConnection): SavedConnection {
  const found = connectionSchema.safeParse(withoutEmpty(connection));
  if (!found.success) {
    const path = found.error.issues[0]?.path.join('.') ?? 'connection';
    throw new ProfileError(`The connection's ${path} is missing or not an allowed value.`);
  }
  const checked = found.data;
  if (!GUID.test(checked.subscriptionId)) {
    throw new ProfileError(
      'The subscription is not an id like 00000000-0000-0000-0000-000000000000. `az account list -o table` shows yours.',
    );
  }
  if (!RESOURCE_GROUP.test(checked.resourceGroup)) {
    throw new ProfileError(
      'The resource group may hold letters, digits, _ - . ( ) only, at most 90, and not end in a dot.',
    );
  }
  if (!WORKSPACE.test(checked.workspaceName)) {
    throw new ProfileError(
      'The workspace name has 3 to 33 letters, digits, - or _, and starts with a letter or digit.',
    );
  }
  if (checked.tenantId !== undefined && !TENANT.test(checked.tenantId)) {
    throw new ProfileError('The tenant is an id (a GUID) or a domain such as contoso.com.');
  }
  if (checked.proxyUrl !== undefined) checkUrl(checked.proxyUrl, 'proxy');
  if (checked.identityEndpoint !== undefined) {
    checkUrl(checked.identityEndpoint, 'identity endpoint');
  }
  if (checked.caFile !== undefined) {
    if (UNPRINTABLE.test(checked.caFile)) {
      throw new ProfileError('The CA file is not a path: it holds control characters.');
    }
    // Read later from whatever folder the program is started in.
    // A shell expands `~`; a field of the wizard and `--ca-file=~/…` do not.
    const path = checked.caFile.replace(/^~(?=\/)/, homedir());
    if (!isAbsolute(path)) checked.caFile = resolve(path);
    else checked.caFile = path;
  }
  return withoutUndefined(checked);
}

function checkUrl(text: string, what: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new ProfileError(`The ${what} is not a URL like http://proxy.contoso.com:3128.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ProfileError(
      `The ${what} holds a user name or password, and profiles keep no secrets. Leave it out; set a proxy that requires a sign-in in HTTPS_PROXY instead.`,
    );
  }
  if (/[?&](?:sig|code|key|token|secret|password)=/i.test(url.search)) {
    throw new ProfileError(
      `The ${what} holds a key or token, and profiles keep no secrets. Remove everything from the ? on.`,
    );
  }
  // It is never sent, so only a secret written by mistake can be there.
  if (url.hash !== '') {
    throw new ProfileError(
      `The ${what} has a fragment, which may be a key, and profiles keep no secrets. Remove everything from the # on.`,
    );
  }
}

/** An emptied field of a form means that there is no value. */
function withoutEmpty(values: object): object {
  return Object.fromEntries(
    Object.entries(values)
      .map(([key, value]) => [key, typeof value === 'string' ? value.trim() : (value as unknown)])
      .filter(([, value]) => value !== ''),
  ) as object;
}
