/** Speaks to a sandbox's ARM as plain HTTPS through its proxy, with a token it issued. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProxyAgent, request } from 'undici';
import type { SandboxInfo } from '../../src/sandbox/info.js';
import { eventually } from './eventually.js';

const API = '2023-04-01';
const SAMPLES = fileURLToPath(new URL('../../samples/heart-classifier/', import.meta.url));

export interface Answer {
  status: number;
  headers: Record<string, string>;
  // What came over the wire; tests look inside as they need.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

export interface SendOptions {
  body?: unknown;
  apiVersion?: string | null;
  token?: string | null;
  headers?: Record<string, string>;
}

export class ArmClient {
  readonly workspace: string;
  readonly location: string;
  #agent: ProxyAgent;
  #token: string;
  #info: SandboxInfo;

  private constructor(info: SandboxInfo, agent: ProxyAgent, token: string) {
    this.#info = info;
    this.#agent = agent;
    this.#token = token;
    const { subscriptionId, resourceGroup, workspaceName, location } = info;
    const ml = 'providers/Microsoft.MachineLearningServices';
    this.workspace = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/${ml}/workspaces/${workspaceName}`;
    this.location = `/subscriptions/${subscriptionId}/${ml}/locations/${location}`;
  }

  static async connect(info: SandboxInfo): Promise<ArmClient> {
    const ca = readFileSync(info.caFile, 'utf8');
    const agent = new ProxyAgent({ uri: info.proxyUrl, requestTls: { ca } });
    const answer = await fetch(
      `${info.identityEndpoint}?api-version=2019-08-01&resource=https://management.azure.com/`,
      { headers: { 'X-IDENTITY-HEADER': info.env['IDENTITY_HEADER'] ?? '' } },
    );
    const { access_token: token } = (await answer.json()) as { access_token: string };
    return new ArmClient(info, agent, token);
  }

  /** `path` below the workspace, or an absolute path or URL. */
  async send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
    const url = new URL(
      path.startsWith('http') || path.startsWith('/') ? path : `${this.workspace}/${path}`,
      this.#info.armUrl,
    );
    if (options.apiVersion !== null && !url.searchParams.has('api-version'))
      url.searchParams.set('api-version', options.apiVersion ?? API);
    const token = options.token === undefined ? this.#token : options.token;
    const answer = await request(url, {
      method: method,
      dispatcher: this.#agent,
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...options.headers,
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string>,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  }

  get(path: string, apiVersion?: string): Promise<Answer> {
    return this.send('GET', path, apiVersion === undefined ? {} : { apiVersion });
  }

  put(path: string, body: unknown, apiVersion?: string): Promise<Answer> {
    return this.send('PUT', path, apiVersion === undefined ? { body } : { body, apiVersion });
  }

  /** Waits until the operation of this answer has ended, and returns its status' body. */
  async finished(answer: Answer): Promise<Answer['body']> {
    const url = answer.headers['azure-asyncoperation'];
    const location = answer.headers['location'];
    if (url === undefined && answer.status === 202 && location !== undefined)
      return this.#result(location);
    if (url === undefined)
      throw new Error(`No operation: ${answer.status} ${JSON.stringify(answer.body)}`);
    return eventually(
      async () => {
        const { body } = await this.get(url);
        if (body.status === 'Updating') throw new Error('The operation is still running.');
        return body;
      },
      { withinMs: 20_000 },
    );
  }

  /** The same of an operation that is known by where its result will be. */
  #result(location: string): Promise<Answer['body']> {
    return eventually(
      async () => {
        const { status, body } = await this.get(location);
        if (status === 202) throw new Error('The operation is still running.');
        return status < 300 ? { status: 'Succeeded' } : { status: 'Failed', error: body.error };
      },
      { withinMs: 20_000 },
    );
  }

  async createEndpoint(name: string, more: Record<string, unknown> = {}): Promise<Answer> {
    const answer = await this.put(`onlineEndpoints/${name}`, endpoint({}, more));
    await this.finished(answer);
    return answer;
  }

  /** Uploads a sample model with a SAS, and registers it. Returns the version's ARM id. */
  async registerSample(name: string, version: string, folder: string): Promise<string> {
    const path = `LocalUpload/test-${folder}/${folder}`;
    await this.uploadSample(folder, 'workspaceblobstore', path);
    const uri = `azureml:/${this.workspace.replace('/providers/Microsoft.MachineLearningServices', '')}/datastores/workspaceblobstore/paths/${path}`;
    const answer = await this.put(`models/${name}/versions/${version}`, model(uri));
    return answer.body.id as string;
  }

  /** A sample model's files, put where a datastore has `path`. */
  async uploadSample(folder: string, datastore: string, path: string): Promise<void> {
    const { body: store } = await this.get(`datastores/${datastore}`);
    const { accountName, containerName, endpoint: suffix } = store.properties;
    const secret = await this.send('POST', `datastores/${datastore}/listSecrets`, {
      body: { expirableSecret: true },
    });
    const place = `https://${accountName}.blob.${suffix}/${containerName}/${path}`;
    await this.putFiles(folder, place, secret.body.sasToken as string);
  }

  /** @param sas of the container that `place` begins with */
  async putFiles(folder: string, place: string, sas: string): Promise<void> {
    for (const file of readdirSync(join(SAMPLES, folder))) {
      const answer = await request(`${place}/${file}?${sas}`, {
        method: 'PUT',
        dispatcher: this.#agent,
        headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-version': '2021-12-02' },
        body: readFileSync(join(SAMPLES, folder, file)),
      });
      await answer.body.dump();
      if (answer.statusCode !== 201) throw new Error(`${file}: ${answer.statusCode}`);
    }
  }

  /** What lies at a signed address. */
  async read(url: string): Promise<string> {
    const answer = await request(url, { dispatcher: this.#agent });
    if (answer.statusCode !== 200)
      throw new Error(`${answer.statusCode} ${await answer.body.text()}`);
    return answer.body.text();
  }

  /** Writes to a signed address; the answer's status. */
  async write(url: string, body: string): Promise<number> {
    const answer = await request(url, {
      method: 'PUT',
      dispatcher: this.#agent,
      headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-version': '2021-12-02' },
      body,
    });
    await answer.body.dump();
    return answer.statusCode;
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }
}

export function endpoint(
  properties: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    location: 'westeurope',
    identity: { type: 'SystemAssigned' },
    properties: { authMode: 'Key', ...properties },
    ...more,
  };
}

export function deployment(
  modelId: string,
  properties: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    location: 'westeurope',
    properties: {
      endpointComputeType: 'Managed',
      instanceType: 'Standard_DS3_v2',
      model: modelId,
      ...properties,
    },
    sku: { name: 'Default', capacity: 1 },
    ...more,
  };
}

export function model(uri: string, more: Record<string, unknown> = {}): unknown {
  return { properties: { modelUri: uri, modelType: 'mlflow_model', ...more } };
}
