/**
 * Model packages (preview): an environment that holds a model, its packages and a server. Request and
 * answer as in the specification of 2023-08-01-preview (`ModelVersions_Package`), and as azure-ai-ml
 * sends them (`_utils/_package_utils.py`, `operations/_model_operations.py`).
 */
import { sameName } from '../../common/same-name.js';
import * as z from 'zod';
import {
  type EnvironmentReference,
  environmentKey,
  findEnvironment,
  parseEnvironmentId,
} from '../references.js';
import { type ModelVersionRecord, type PackagePending, type PackagedModel, own } from '../model.js';
import { operationHeaders } from './bodies.js';
import {
  type ArmCall,
  type ArmReply,
  type JsonObject,
  anyCase,
  created,
  ok,
  optionalText,
  orElse,
  readBody,
  strings,
} from './call.js';
import { assetNotFound, conflict, invalidRequest } from './errors.js';
import { checkAssetName } from './rules.js';

const SERVERS = ['AzureMLOnline', 'AzureMLBatch', 'Custom', 'Triton'] as const;
/** Where the inference server of Azure's images listens (azureml-inference-server-http). */
const PORT = 5001;

const Package = z.object({
  inferencingServer: z.looseObject({
    serverType: anyCase(
      SERVERS,
      `'inferencingServer.serverType' must be one of ${SERVERS.join(', ')}.`,
    ),
    codeConfiguration: z.looseObject({}).nullish(),
  }),
  baseEnvironmentSource: z
    .looseObject({
      resourceId: z.string("'baseEnvironmentSource.resourceId' must be the id of an environment."),
    })
    .nullish(),
  targetEnvironmentId: optionalText,
  targetEnvironmentName: optionalText,
  targetEnvironmentVersion: optionalText,
  environmentVariables: strings,
  modelConfiguration: orElse(z.unknown(), null),
  inputs: orElse(z.unknown(), []),
  tags: strings,
});

/** 202 and an operation that ends with the package; 200 where the same package is there already. */
export function beginPackage(call: ArmCall, record: ModelVersionRecord): ArmReply {
  const request = readBody(call, Package, 'PackageRequest');
  const { inferencingServer: server, baseEnvironmentSource: base } = request;
  const hasCode = Boolean(server.codeConfiguration);
  if (record.modelType !== 'mlflow_model' && !hasCode)
    throw invalidRequest(
      `A model of type ${record.modelType} needs a code configuration to be packaged; only MLflow models do without.`,
    );
  if (base) checkEnvironment(call, base.resourceId);
  const target = readTarget(call, request);
  const model: PackagedModel = {
    name: record.name,
    version: record.version,
    modelUri: record.modelUri,
    servesOnline: server.serverType === 'AzureMLOnline',
    hasCode,
  };
  const { environmentVariables, modelConfiguration, inputs, tags } = request;
  const response = {
    ...(base && { baseEnvironmentSource: base }),
    inferencingServer: server,
    environmentVariables,
    modelConfiguration,
    inputs,
    tags,
    targetEnvironmentId: targetId(call, target),
    buildState: 'Succeeded',
    // The sandbox builds no image, so neither a build nor a log of one.
    buildId: null,
    logUrl: null,
  };
  const there = own(call.context.state.environments, environmentKey(target));
  if (there !== undefined) {
    if (there.packaged?.name === model.name && there.packaged.version === model.version)
      return ok(response);
    throw conflict(
      `Environment ${target.name} already has a version ${target.version}, and versions can not be changed.`,
    );
  }
  const pending: PackagePending = {
    environment: {
      name: target.name,
      version: target.version,
      properties: environmentProperties(call, target, response),
      systemData: created(call),
      packaged: model,
    },
    response,
  };
  const operation = call.operations.begin(
    { kind: 'model-package', endpoint: '', package: pending },
    call,
  );
  return { status: 202, body: null, headers: operationHeaders(call, operation) };
}

/** @throws ArmError for a workspace's environment that is not there; a registry's is taken on trust */
export function checkEnvironment(call: ArmCall, id: string): void {
  const reference = parseEnvironmentId(id);
  if (reference === 'registry') return;
  if (reference === undefined) throw invalidRequest(`'${id}' is no id of an environment version.`);
  if (findEnvironment(call.context.state, id) === undefined)
    throw assetNotFound(
      'EnvironmentNotFound',
      `Environment with name: ${reference.name} and version: ${reference.version} not found.`,
    );
}

/** By name and perhaps version, or by an id whose version may be missing: the next one then. */
function readTarget(
  call: ArmCall,
  {
    targetEnvironmentId: id,
    targetEnvironmentName: name,
    targetEnvironmentVersion: version,
  }: z.output<typeof Package>,
): EnvironmentReference {
  const [, byId, versionOfId] =
    /(?:^|\/environments\/)([^/]+)(?:\/versions\/([^/]+))?\/?$/i.exec(id ?? '') ?? [];
  const given = byId ?? name;
  if (given === null)
    throw invalidRequest(
      "'targetEnvironmentName' or 'targetEnvironmentId' must name an environment.",
    );
  checkAssetName('Environment name', given);
  const wanted = versionOfId ?? version;
  if (wanted !== null) checkAssetName('Environment version', wanted);
  return { name: given, version: wanted ?? nextVersion(call, given) };
}

/** Past those that a running operation is about to make. */
function nextVersion(call: ArmCall, name: string): string {
  const { environments, operations } = call.context.state;
  const making = Object.values(operations).flatMap(({ status, package: one }) =>
    status === 'Updating' && one !== undefined ? [one.environment] : [],
  );
  const numbers = [...Object.values(environments), ...making]
    .filter((one) => sameName(one.name, name))
    .map(({ version }) => Number(version))
    .filter(Number.isSafeInteger);
  return String(Math.max(0, ...numbers) + 1);
}

function targetId(call: ArmCall, { name, version }: EnvironmentReference): string {
  const { location, workspaceId: id } = call.context.state.config;
  return `azureml://locations/${location}/workspaces/${id}/environments/${name}/versions/${version}`;
}

function environmentProperties(
  call: ArmCall,
  { name, version }: EnvironmentReference,
  response: { tags: Record<string, string> },
): JsonObject {
  const { workspaceName } = call.context.state.config;
  const route = (path: string) => ({ path, port: PORT });
  return {
    description: null,
    tags: response.tags,
    properties: {},
    isArchived: false,
    isAnonymous: false,
    environmentType: 'UserCreated',
    image: `${workspaceName.toLowerCase().replace(/\W/g, '')}.azurecr.io/azureml/${name.toLowerCase()}:${version}`,
    condaFile: null,
    build: null,
    osType: 'Linux',
    inferenceConfig: {
      livenessRoute: route('/'),
      readinessRoute: route('/'),
      scoringRoute: route('/score'),
    },
    autoRebuild: 'Disabled',
    provisioningState: 'Succeeded',
  };
}
