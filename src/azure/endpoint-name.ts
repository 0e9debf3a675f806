/**
 * Whether an endpoint's name is in use. Names are unique in a region, across all customers
 * (Microsoft Learn, "Manage and increase quotas"), and Azure has no request that asks for one.
 */
import { request } from 'undici';
import { endpointPath, getEndpoint } from './endpoints.js';
import { workspacesIn } from './region-counts.js';
import { doing, type Scope } from './scope.js';
import type { NameUse } from './types.js';

const ANSWER_MS = 5_000;

export async function endpointNameUse(
  scope: Scope,
  location: string,
  name: string,
  signal?: AbortSignal,
): Promise<NameUse> {
  return doing(`look for endpoint ${name}`, async () => {
    const here = await getEndpoint(scope, name, signal);
    if (here) return { by: 'this-workspace', provisioningState: here.provisioningState };
    const workspace = await otherWorkspace(scope, location, name, signal);
    if (workspace !== undefined) return { by: 'another-workspace', workspace };
    return (await answers(scope, location, name, signal))
      ? { by: 'someone' }
      : { by: 'nobody-seen' };
  });
}

/** Of this subscription, as far as this identity may look. */
async function otherWorkspace(
  scope: Scope,
  location: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const [, ...others] = (await workspacesIn(scope, location, signal)).ids;
  const found = await Promise.all(
    others.map(async (id) => {
      const path = endpointPath({ ...scope, path: id }, name);
      const there = await scope.arm
        .find(path, 'look for the endpoint', { signal })
        .catch(() => undefined);
      return there && id;
    }),
  );
  return found
    .find((id) => id !== undefined)
    ?.split('/')
    .at(-1);
}

/** An endpoint asks any caller for its key first (401); where there is none, nothing asks. */
async function answers(
  scope: Scope,
  location: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const host = `${name.toLowerCase()}.${location.toLowerCase()}.${scope.cloud.inferenceSuffix}`;
  const url = new URL(`https://${host}/swagger.json`);
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    const answer = await request(url, {
      dispatcher: scope.transport.dispatcher(url),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    await answer.body.dump();
    return answer.statusCode === 401;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}
