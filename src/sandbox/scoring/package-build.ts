/** How a model is packaged into an environment. */
import { openPlace, blobReference } from '../references.js';
import type { PackagedModel } from '../model.js';
import { judgeEnvironment } from './container-env.js';
import { readServedModel } from './model-folder.js';
import { imageBuildFailed, assetMissing, modelDownloadFailed } from './deployment-failures.js';
import { type StartContext, SHARE } from './deployment-start.js';

/** @throws DeploymentFailure, or the signal's reason */
export async function buildPackage(
  context: StartContext,
  { name, version, modelUri, hasCode }: PackagedModel,
  signal: AbortSignal,
): Promise<void> {
  const { clock, durations, state } = context;
  const place = blobReference(modelUri, state.config);
  if (place === undefined) throw assetMissing(`${name}:${version}`);
  // The packages that a no-code deployment installs when it starts are installed here.
  await clock.delay(durations.deployment * SHARE.UserContainerStart, signal);
  const { blobs, path } = openPlace(context, place);
  const folder = await readServedModel(blobs, path).catch(() => undefined);
  signal.throwIfAborted();
  if (folder === undefined) throw modelDownloadFailed();
  if (hasCode) return;
  const { conda, requirements } = folder;
  // What crashes a server is not known before it starts; packaging brings the server's own packages.
  if (conda === undefined || judgeEnvironment(conda, requirements)?.kind === 'image-build')
    throw imageBuildFailed(state.config, conda ?? '');
}
