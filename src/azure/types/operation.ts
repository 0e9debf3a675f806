/** Long-running operations, and the one shape of failures. */
/** A long-running operation that Azure accepted. `url` is its `Azure-AsyncOperation`. */
export interface Operation {
  url: string;
}

export interface OperationStatus {
  status: 'running' | 'succeeded' | 'failed' | 'canceled';
  startedAt?: string;
  endedAt?: string;
  error?: AzureFailure;
}

/** The one shape in which every failure of Azure reaches a person. */
export interface AzureFailure {
  kind:
    | 'sign-in'
    | 'forbidden'
    | 'not-found'
    | 'conflict'
    | 'drift'
    | 'quota'
    | 'throttled'
    | 'invalid'
    | 'policy'
    | 'provisioning'
    | 'network'
    | 'service'
    | 'cancelled';
  /** What we were doing: `create deployment green`. */
  what: string;
  /** Azure's innermost message. */
  message: string;
  /** What the person can do about it. */
  advice: string;
  code?: string;
  status?: number;
  correlationId?: string;
  /** Whether sending the same request again can do no harm. */
  retrySafe: boolean;
  retryAfterSeconds?: number;
}
