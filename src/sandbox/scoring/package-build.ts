/** Builds the image of a model package, as far as a machine without images can. */
import { openPlace, placeOf } from '../model-place.js';
import type { PackagedModel } from '../model.js';
import { judgeEnvironment } from './container-env.js';
import { SHARE, type StartContext } from './deployment-start.js';
import { assetNotFound, imageBuildFailed, modelDownloadFailed } from './failures.js';
import { readModelFolder } from './model-folder.js';

/** @throws DeploymentFailure, or the signal's reason */
export async function buildPackage(
  context: StartContext,
  { name, version, modelUri, hasCode }: PackagedModel,
  signal: AbortSignal,
): Promise<void> {
  const { clock, durations, state } = context;
  const place = placeOf(modelUri, state.config);
  if (place === undefined) throw assetNotFound(`${name}:${version}`);
  // The packages that a no-code deployment installs when it starts are installed here.
  await clock.delay(durations.deployment * SHARE.UserContainerStart, signal);
  const { blobs, path } = openPlace(context, place);
  const folder = await readModelFolder(blobs, path).catch(() => undefined);
  signal.throwIfAborted();
  if (folder === undefined) throw modelDownloadFailed();
  if (hasCode) return;
  const { conda, requirements } = folder;
  // What crashes a server is not known before it starts; packaging brings the server's own packages.
  if (conda === undefined || judgeEnvironment(conda, requirements)?.kind === 'image-build')
    throw imageBuildFailed(state.config, conda ?? '');
}
