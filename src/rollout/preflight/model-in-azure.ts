/** What of a model that is in Azure already its container would stumble over, as far as it can be read. */
import type { Workspace } from '../../azure/types.js';
import { lintConda, missingConda } from '../../sampling/conda-lint.js';
import type { CondaFinding } from '../../sampling/conda-dependencies.js';
import type { MlModel } from '../../sampling/mlmodel.js';
import { lintOnnx } from '../../sampling/onnx-lint.js';
import { readStoredModel } from '../stored-model.js';

interface ModelInAzure {
  model: MlModel;
  lint: readonly CondaFinding[];
}

/**
 * `undefined`: it has no MLmodel, or its place is out of this workspace's reach.
 * @param shown its name, for a person
 */
export async function modelInAzure(
  workspace: Workspace,
  place: { uri: string; name?: string; version?: string },
  shown: string,
  signal: AbortSignal | undefined,
): Promise<ModelInAzure | undefined> {
  const stored = await readStoredModel(workspace, place, shown, signal);
  if (stored === undefined) return undefined;
  const { model, open } = stored;
  const file = model.condaFile ?? 'conda.yaml';
  const conda = await workspace.readModelFile(place, file, signal);
  return {
    model,
    lint: [
      ...(await lintOnnx(model, open)),
      ...(conda === undefined ? [missingConda(file)] : lintConda(conda, file)),
    ],
  };
}
