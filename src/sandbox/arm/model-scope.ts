/** Where models are kept: in the workspace, or in the registry. The same routes serve both. */
import type { ModelRecord } from '../model.js';
import { REGISTRY, registryModelId } from '../registry.js';
import type { ArmCall } from './call.js';
import { workspaceId } from './workspace.js';

export interface ModelScope {
  /** By lower-case name; `create` makes the place for the first. */
  records(call: ArmCall, create?: boolean): Record<string, ModelRecord>;
  type: string;
  /** Does a model that is not there have an empty list of versions? Otherwise it is not found. */
  listsUnknown: boolean;
  containerId(call: ArmCall, name: string): string;
  versionId(call: ArmCall, name: string, version: string): string;
}

export const WORKSPACE_MODELS: ModelScope = {
  records: (call) => call.context.state.models,
  type: 'Microsoft.MachineLearningServices/workspaces/models',
  listsUnknown: false,
  containerId: (call, name) => `${workspaceId(call.context)}/models/${name}`,
  versionId: (call, name, version) =>
    `${workspaceId(call.context)}/models/${name}/versions/${version}`,
};

/** A version's id is the uri that deployments name, as azure-ai-ml's tests show it. */
export const REGISTRY_MODELS: ModelScope = {
  records(call, create = false) {
    const { state } = call.context;
    if (create) return (state.registryModels ??= {});
    return state.registryModels ?? {};
  },
  type: 'Microsoft.MachineLearningServices/registries/models',
  // azure-ai-ml lists before it creates the first, and takes only an empty list for an answer.
  listsUnknown: true,
  containerId: (_call, name) => `azureml://registries/${REGISTRY}/models/${name}`,
  versionId: (_call, name, version) => registryModelId(name, version),
};
