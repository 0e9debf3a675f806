/**
 * Deployments of an endpoint. Written as plain JSON like the endpoints: the typed client would
 * carry this body, but loses the structure of a failed operation's error. A scale is a PATCH of
 * the SKU: a PUT replaces the tags and drops what 2022-10-01 does not know (data collection).
 */
import { parseShort } from '../common/model-ref.js';
import { registeredCode } from './codes.js';
import { registeredEnvironment } from './environments.js';
import { accepted, endpointPath, textMember } from './endpoints.js';
import { AzureError, invalid } from './errors.js';
import { abortOption, checkName, doing, type Scope } from './scope.js';
import { lines } from './text.js';
import type {
  DataCollection,
  Deployment,
  DeploymentSpec,
  LogContainer,
  Operation,
} from './types.js';
import { specToWire, toDeployment } from './deployment-wire.js';

function deploymentPath(scope: Scope, endpoint: string, name: string): string {
  return `${endpointPath(scope, endpoint)}/deployments/${encodeURIComponent(name)}`;
}

export async function listDeployments(
  scope: Scope,
  endpoint: string,
  signal?: AbortSignal,
): Promise<Deployment[]> {
  checkName('endpoint', endpoint);
  const all = await scope.arm.list(
    `${endpointPath(scope, endpoint)}/deployments`,
    `list the deployments of ${endpoint}`,
    { signal },
  );
  return all.map((raw) => toDeployment(raw, endpoint));
}

export async function createDeployment(
  scope: Scope,
  location: string,
  endpoint: string,
  name: string,
  spec: DeploymentSpec,
  signal?: AbortSignal,
): Promise<Operation> {
  checkName('endpoint', endpoint);
  checkName('deployment', name);
  const what = `create deployment ${name} of ${endpoint}`;
  const path = deploymentPath(scope, endpoint, name);
  const before = await scope.arm.find(path, what, { signal });
  if (before) {
    throw new AzureError({
      kind: 'conflict',
      what,
      message: `Deployment ${name} already exists.`,
      advice: 'Continue with it if it is the one you mean, or choose another name.',
      retrySafe: false,
    });
  }
  const code = spec.codeConfiguration && {
    codeConfiguration: await registeredCode(scope, spec.codeConfiguration, signal),
  };
  const environment =
    spec.packagedEnvironment === undefined
      ? await registeredEnvironment(scope, spec, signal)
      : undefined;
  const body = specToWire(
    location,
    inThisWorkspace(scope, { ...spec, ...code, ...textMember('environment', environment) }),
  );
  return accepted(await scope.arm.write('PUT', path, what, { body, signal }));
}

export async function scaleDeployment(
  scope: Scope,
  endpoint: string,
  name: string,
  instanceCount: number,
  signal?: AbortSignal,
): Promise<Operation> {
  checkName('endpoint', endpoint);
  checkName('deployment', name);
  const what = `scale deployment ${name} of ${endpoint} to ${instanceCount}`;
  if (!Number.isInteger(instanceCount) || instanceCount < 1 || instanceCount > 50) {
    throw invalid(
      what,
      'A deployment has 1 to 50 instances.',
      'Choose a whole number from 1 to 50.',
    );
  }
  const path = deploymentPath(scope, endpoint, name);
  const before = await scope.arm.get(path, what, { signal });
  const body = { sku: { capacity: instanceCount } };
  return accepted(await scope.arm.write('PATCH', path, what, { body, before, signal }));
}

export async function deleteDeployment(
  scope: Scope,
  endpoint: string,
  name: string,
  signal?: AbortSignal,
): Promise<Operation | undefined> {
  checkName('endpoint', endpoint);
  checkName('deployment', name);
  const what = `delete deployment ${name} of ${endpoint}`;
  const path = deploymentPath(scope, endpoint, name);
  const before = await scope.arm.find(path, what, { signal });
  if (!before) return undefined;
  return scope.arm.write('DELETE', path, what, { before, signal });
}

export async function deploymentLogs(
  scope: Scope,
  endpoint: string,
  name: string,
  options: { container?: LogContainer; tail?: number } = {},
  signal?: AbortSignal,
): Promise<string> {
  checkName('endpoint', endpoint);
  checkName('deployment', name);
  const { resourceGroup, workspaceName } = scope.connection;
  return doing(`read the logs of ${name}`, async () => {
    const { content } = await scope.client.onlineDeployments.getLogs(
      resourceGroup,
      workspaceName,
      endpoint,
      name,
      {
        ...(options.container && {
          containerType:
            options.container === 'storage-initializer' ? 'StorageInitializer' : 'InferenceServer',
        }),
        tail: options.tail ?? 200,
      },
      abortOption(signal),
    );
    return lines(content ?? '');
  });
}

/** Azure takes ARM ids; a file names assets of the workspace as `azureml:NAME:VERSION`. */
function inThisWorkspace(scope: Scope, spec: DeploymentSpec): DeploymentSpec {
  const { environment, dataCollector } = spec;
  const idOf = (kind: 'environments' | 'data', reference: string): string => {
    const { name, version } = parseShort(reference) ?? {};
    if (name === undefined || version === undefined) return reference;
    return `${scope.path}/${kind}/${name}/versions/${version}`;
  };
  const collections = Object.entries(dataCollector?.collections ?? {}).map(
    ([name, collection]): [string, DataCollection] => {
      const { dataId } = collection;
      return [
        name,
        { ...collection, ...(dataId !== undefined && { dataId: idOf('data', dataId) }) },
      ];
    },
  );
  return {
    ...spec,
    ...(environment !== undefined && { environment: idOf('environments', environment) }),
    ...(dataCollector && {
      dataCollector: { ...dataCollector, collections: Object.fromEntries(collections) },
    }),
  };
}
