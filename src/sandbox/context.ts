/** The seams between the front door (proxy, identity, blobs), ARM (`arm/`) and scoring (`scoring/`). */
import type { Clock } from '../common/clock.js';
import type { FaultList } from './faults.js';
import type { Durations } from './durations.js';
import type { PackagedModel, SandboxState } from './model.js';

/** Scoring (`scoring/`), as ARM sees it. Names are matched without case. */
export interface Runtime {
  /**
   * Downloads the model of the deployment's record and starts `sku.capacity` instances, writing
   * phases and lines to the record's log over about `durations.deployment`. On an update the
   * instances that serve now go on until the new ones are ready, and stay if those fail.
   * Rejects with DeploymentFailure, or with the signal's reason.
   */
  start(endpoint: string, deployment: string, signal: AbortSignal): Promise<void>;
  stop(endpoint: string, deployment: string): Promise<void>;
  /**
   * Downloads a model and judges whether an image builds from its environment, over about
   * `durations.deployment`'s part of that. Rejects with DeploymentFailure, or the signal's reason.
   */
  buildPackage(model: PackagedModel, signal: AbortSignal): Promise<void>;
  /** Brings a running deployment to this many instances, without a gap in serving. */
  scale(endpoint: string, deployment: string, instances: number): Promise<void>;
  /** The text of getLogs; `tail` is a number of lines. */
  logs(
    endpoint: string,
    deployment: string,
    container: 'InferenceServer' | 'StorageInitializer',
    tail: number,
  ): string;
  /** Ends every instance. */
  close(): Promise<void>;
}

/** What scoring counted, for the Azure Monitor route. */
export interface MetricsSource {
  /** Buckets whose minute lies in [from, to), epoch milliseconds. */
  minutes(endpoint: string, from: number, to: number): MinuteBucket[];
}

export interface MinuteBucket {
  /** Start of the minute, epoch milliseconds. */
  minute: number;
  deployment: string;
  statusCode: number;
  /** What the model's container answered, where it was asked. */
  modelStatusCode?: number;
  count: number;
  /** Milliseconds; a sample where there were many. */
  latencies: number[];
  /** Of a metric that was set, which has others than those of requests. */
  dimensions?: Record<string, string>;
}

/** A blob container, mostly the workspace's own. Paths are relative to the container. */
export interface BlobAccess {
  readText(path: string): Promise<string | undefined>;
  list(prefix: string): Promise<string[]>;
  download(path: string): Promise<Uint8Array>;
  /** A container SAS query string without `?`, e.g. permissions `rwlc`. */
  sas(permissions: string, lifetimeMs: number): string;
}

/** Any container of the workspace's storage account. */
export interface BlobContainer extends BlobAccess {
  /** Does nothing where it is there already. */
  createContainer(): Promise<void>;
  /** Adds text to an append blob, which it makes where there is none. */
  append(path: string, text: string): Promise<void>;
}

export type TokenVerdict =
  | { ok: true; objectId: string; name: string }
  | { ok: false; reason: 'missing' | 'malformed' | 'expired' | 'audience' };

export type TokenAudience = 'management' | 'storage' | 'ml' | 'logs';

/** Implemented by the identity endpoint, which issued the tokens. */
export type CheckToken = (
  authorization: string | undefined,
  audience: TokenAudience,
) => TokenVerdict;

/** Everything ARM and scoring are given. */
export interface SandboxContext {
  state: SandboxState;
  /** Marks the state as changed; the store writes it soon. */
  save(): void;
  runtime: Runtime;
  metrics: MetricsSource;
  blobs: BlobAccess;
  /** Another container of the same account: a job's artifacts, a registry's models. */
  container(name: string): BlobContainer;
  clock: Clock;
  durations: Durations;
  faults: FaultList;
  checkToken: CheckToken;
}
