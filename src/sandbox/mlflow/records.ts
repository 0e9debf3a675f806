/** What MLflow tracking remembers, as plain JSON in the sandbox's state. */

export interface ExperimentRecord {
  /** GUID, as the service gives them. */
  id: string;
  name: string;
  lifecycleStage: 'active' | 'deleted';
  /** Epoch milliseconds, here and below. */
  creationTime: number;
  lastUpdateTime: number;
  tags: Record<string, string>;
}

export interface MetricPoint {
  /** A number, or what JSON has no number for. */
  value: number | 'NaN' | 'Infinity' | '-Infinity';
  timestamp: number;
  step: number;
}

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface RunRecord {
  id: string;
  experimentId: string;
  name: string;
  userId: string;
  userName: string;
  status: RunStatus;
  startTime: number;
  endTime: number | null;
  lifecycleStage: 'active' | 'deleted';
  params: Record<string, string>;
  tags: Record<string, string>;
  /** In the order they were logged. */
  metrics: Record<string, MetricPoint[]>;
}

export interface TrackingState {
  /** By id. */
  experiments: Record<string, ExperimentRecord>;
  runs: Record<string, RunRecord>;
}
