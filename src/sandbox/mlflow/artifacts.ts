/**
 * Artifacts of runs and of local uploads. Files go straight to and from blob storage; these
 * routes hand out the addresses, signed. Shapes as in azureml-mlflow's clients `run_artifact`
 * (`/history/v1.0`) and `artifact` (`/artifact/v2.0`).
 */
import { WS } from '../arm/call.js';
import { blobHost } from '../hosts.js';
import type { SandboxContext } from '../context.js';
import {
  ARTIFACTS,
  type BlobReference,
  SAS_LIFETIME_MS,
  artifactRoot,
  openPlace,
} from '../references.js';
import { invalidParameter, missing } from './call.js';
import { mustFindRun } from './tracking.js';

type AddArtifactRoute = (
  method: 'GET' | 'POST',
  path: string,
  handler: (call: ArtifactCall) => unknown,
) => void;

export function artifactRoutes(on: AddArtifactRoute): void {
  const runs = ['experiments', 'experimentids'].map(
    (experiments) => `/history/v1.0${WS}/${experiments}/:experiment/runs/:run/artifacts`,
  );
  for (const [paths, setOf] of [
    [runs, runArtifacts],
    [[`/artifact/v2.0${WS}/artifacts/:origin/:container`], namedArtifacts],
  ] as const) {
    for (const path of paths) {
      const at = (method: 'GET' | 'POST', rest: string, handler: ArtifactHandler) =>
        on(method, `${path}${rest}`, (call) => handler(call, setOf(call)));
      at('POST', '/batch/metadata', createArtifacts);
      at('GET', '', listArtifacts);
      at('GET', '/path', listArtifacts);
      at('GET', '/metadata', artifactMetadata);
      at('GET', '/contentinfo', artifactContent);
      at('GET', '/prefix/contentinfo', contentByPrefix);
    }
  }
}

type ArtifactHandler = (call: ArtifactCall, set: ArtifactSet) => unknown;

/** What a client calls a set of artifacts. */
interface ArtifactSet {
  origin: string;
  container: string;
}

interface ArtifactCall {
  context: SandboxContext;
  params: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
}

/** @throws MlflowError where there is no such run */
function runArtifacts({ context, params: { run = '' } }: ArtifactCall): ArtifactSet {
  mustFindRun(context.state, run);
  return { origin: 'ExperimentRun', container: `dcid.${run}` };
}

function namedArtifacts({ params: { origin = '', container = '' } }: ArtifactCall): ArtifactSet {
  return { origin, container };
}

/** Addresses to write to; nothing is stored before the client has written. */
function createArtifacts(call: ArtifactCall, set: ArtifactSet): unknown {
  const given = (call.body as { paths?: unknown } | undefined)?.paths;
  if (!Array.isArray(given)) throw invalidParameter("The body needs a list of 'paths'.");
  const paths = given.map((one) => checkPath((one as { path?: unknown } | null)?.path));
  return {
    artifacts: Object.fromEntries(paths.map((path) => [path, artifact(set, path)])),
    artifactContentInformation: Object.fromEntries(
      paths.map((path) => [path, contentInformation(call.context, set, path, 'cw')]),
    ),
    errors: {},
  };
}

async function listArtifacts(call: ArtifactCall, set: ArtifactSet): Promise<unknown> {
  const under = call.query.get('path') ?? '';
  const paths = (await pathsOf(call.context, set)).filter((path) => path.startsWith(under));
  return { value: paths.map((path) => artifact(set, path)), continuationToken: null };
}

async function artifactMetadata(call: ArtifactCall, set: ArtifactSet): Promise<unknown> {
  return artifact(set, await existing(call, set));
}

/** The address to read one file from. */
async function artifactContent(call: ArtifactCall, set: ArtifactSet): Promise<unknown> {
  return contentInformation(call.context, set, await existing(call, set), 'r');
}

/** The addresses of all files below a path. */
async function contentByPrefix(call: ArtifactCall, set: ArtifactSet): Promise<unknown> {
  const under = call.query.get('path') ?? '';
  const paths = (await pathsOf(call.context, set)).filter((path) => path.startsWith(under));
  return {
    value: paths.map((path) => contentInformation(call.context, set, path, 'r')),
    continuationToken: null,
  };
}

async function existing(call: ArtifactCall, set: ArtifactSet): Promise<string> {
  const path = checkPath(call.query.get('path'));
  if (!(await pathsOf(call.context, set)).includes(path))
    throw missing(`Artifact ${set.origin}/${set.container}/${path} not found.`);
  return path;
}

async function pathsOf(context: SandboxContext, set: ArtifactSet): Promise<string[]> {
  const { blobs, path } = openPlace(context, placeOfSet(context, set));
  const root = path === '' ? '' : `${path}/`;
  return (await blobs.list(root)).map((name) => name.slice(root.length));
}

/** `workspaceblobstore/paths` is the whole of that datastore; all else is in the artifact store. */
function placeOfSet(context: SandboxContext, { origin, container }: ArtifactSet): BlobReference {
  if (origin === 'workspaceblobstore' && container === 'paths')
    return { container: context.state.config.containerName, path: '' };
  return origin === 'ExperimentRun'
    ? { container: ARTIFACTS, path: artifactRoot(container.replace(/^dcid\./, '')) }
    : { container: ARTIFACTS, path: `${origin}/${container}` };
}

function contentInformation(
  context: SandboxContext,
  set: ArtifactSet,
  path: string,
  permissions: string,
): unknown {
  const place = placeOfSet(context, set);
  const { blobs } = openPlace(context, place);
  const blob = [place.container, place.path, path]
    .filter((part) => part !== '')
    .join('/')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  const sas = blobs.sas(permissions, SAS_LIFETIME_MS);
  return {
    contentUri: `https://${blobHost(context.state.config)}/${blob}?${sas}`,
    origin: set.origin,
    container: set.container,
    path,
    tags: null,
  };
}

function artifact({ origin, container }: ArtifactSet, path: string): unknown {
  return {
    artifactId: `${origin}/${container}/${path}`,
    origin,
    container,
    path,
    etag: null,
    createdTime: null,
    dataPath: null,
    tags: null,
  };
}

function checkPath(path: unknown): string {
  if (typeof path !== 'string' || path === '' || path.split('/').includes('..'))
    throw invalidParameter('The path of an artifact must be a relative path.');
  return path.replace(/^\/+/, '');
}
