/**
 * Asks the npm registry once a day, behind the first screen, whether there is a newer version. The request names this
 * package and nothing else; what can't be learnt is left out without a word.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { json } from 'node:stream/consumers';
import { createTransport } from '../azure/transport.js';
import { webRequest } from '../azure/web-request.js';

const DAY_MS = 86_400_000;
const WITHIN_MS = 3_000;
const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';
const PACKAGE = 'aml-rollout';

interface UpdateQuestion {
  version: string;
  /** Its age is that of the last question. */
  stamp: string;
  /** The registry that npm uses, where it says so. */
  registry?: string | undefined;
  signal: AbortSignal;
}

/** The sentence to print, where there is something newer and nobody asked today. */
export async function updateNotice(asked: UpdateQuestion): Promise<string | undefined> {
  try {
    if (askedToday(asked.stamp)) return undefined;
    // Before it is asked, so that a network without a registry is tried once a day too.
    mkdirSync(dirname(asked.stamp), { recursive: true });
    writeFileSync(asked.stamp, '');
    const latest = await latestVersion(asked);
    return latest !== undefined && isNewer(latest, asked.version)
      ? `Version ${latest} is available (this is ${asked.version}): npm install --global ${PACKAGE}`
      : undefined;
  } catch {
    return undefined;
  }
}

function askedToday(stamp: string): boolean {
  const age = Date.now() - (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  // A stamp of the future is of a clock that was wrong.
  return age >= 0 && age < DAY_MS;
}

async function latestVersion({ registry, signal }: UpdateQuestion): Promise<string | undefined> {
  const base = registry && URL.canParse(registry) ? registry : PUBLIC_REGISTRY;
  const address = new URL(`${PACKAGE}/latest`, base.endsWith('/') ? base : `${base}/`);
  const transport = createTransport({});
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
    const headers = { accept: 'application/json' };
    const { status, body } = await webRequest(transport, address.href, { headers }, until);
    const { version } = (await json(body)) as { version?: unknown };
    return status === 200 && typeof version === 'string' && /^\d+\.\d+\.\d+$/.test(version)
      ? version
      : undefined;
  } finally {
    await transport.close();
  }
}

const isNewer = (latest: string, own: string): boolean =>
  latest.localeCompare(own, 'en', { numeric: true }) > 0;
