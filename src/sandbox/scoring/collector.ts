/**
 * The data collector of MLflow deployments: their inputs as JSON lines in blob storage, a file an hour and
 * instance (Microsoft Learn, "Collect production data from models deployed for real-time inferencing").
 */
import { randomUUID } from 'node:crypto';
import { stringifyJson } from '../../common/exact-numbers.js';
import type { DeploymentRecord } from '../endpoint-record.js';
import type { SandboxContext } from '../context.js';
import { findData, blobReference } from '../references.js';
import { parseRequest } from './request.js';

const INPUTS = 'model_inputs';

interface Collection {
  dataCollectionMode?: unknown;
  samplingRate?: unknown;
  dataId?: unknown;
}

export class Collector {
  readonly #instance = randomUUID();
  /** One write at a time: blobs are appended to in the order of the requests. */
  #written = Promise.resolve();

  constructor(
    private readonly context: SandboxContext,
    /** Uniform in [0, 1). */
    private readonly random: () => number,
  ) {}

  /** @param body of a request that was answered */
  inputs(deployment: DeploymentRecord, body: Uint8Array, requestId: string): void {
    const { collections } = (deployment.dataCollector ?? {}) as {
      collections?: Record<string, Collection>;
    };
    const { dataCollectionMode, samplingRate, dataId } = collections?.[INPUTS] ?? {};
    if (String(dataCollectionMode).toLowerCase() !== 'enabled') return;
    if (typeof samplingRate === 'number' && this.random() >= samplingRate) return;
    const data = recordsOf(body);
    if (data === undefined) return;
    const { state, clock } = this.context;
    const { endpointName, name } = deployment;
    const asset = typeof dataId === 'string' ? findData(state, dataId) : undefined;
    const place = blobReference(String(asset?.properties['dataUri'] ?? ''), state.config) ?? {
      container: state.config.containerName,
      path: `modelDataCollector/${endpointName}/${name}/${INPUTS}`,
    };
    const time = new Date(clock.now()).toISOString();
    const hour = time.slice(0, 13).replaceAll(/[-T]/g, '/');
    const { subscriptionId, resourceGroup, workspaceName } = state.config;
    const event = {
      specversion: '1.0',
      id: randomUUID(),
      source: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${workspaceName}/onlineEndpoints/${endpointName}/deployments/${name}`,
      type: 'azureml.inference.inputs',
      datacontenttype: 'application/json',
      time: time.replace(/\.\d+Z$/, 'Z'),
      data,
      correlationid: requestId,
      xrequestid: requestId,
      modelversion: 'default',
      collectdatatype: 'pandas.core.frame.DataFrame',
      agent: 'azureml-ai-monitoring/0.1.0b4',
      contentrange: `bytes 0-${body.length - 1}/${body.length}`,
    };
    const blob = `${place.path}/${hour}/${this.#instance}.jsonl`;
    const line = `${stringifyJson(event)}\n`;
    this.#written = this.#written
      .then(() => this.context.container(place.container).append(blob, line))
      // As the service's: what can't be written is lost, and nobody's request fails for it.
      .catch(() => undefined);
  }
}

/** Rows by column name; `undefined` for tensors, which are no table. */
function recordsOf(body: Uint8Array): Record<string, unknown>[] | undefined {
  try {
    const input = parseRequest(body, undefined);
    if (input.kind !== 'table') return undefined;
    const { columns, rows } = input;
    return rows.map((row) =>
      Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])),
    );
  } catch {
    return undefined;
  }
}
