/** Plans of the sample models for rollouts without a terminal. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));

export interface SamplePlan {
  endpoint: string;
  green?: { name?: string; model?: string };
  /** Name of the model of both. */
  model?: string;
  /** Of both; the sandbox has quota for 40 cores a family, and every rollout stays. */
  size?: string;
  /** Instances of both. */
  instances?: number;
  rows?: number;
  /** Where they lie; heart.csv otherwise. */
  data?: string;
  /** Further members, as lines of YAML: `weights` and `holds` at least. */
  extra: string;
}

/** Writes `<folder>/<endpoint>.yml`, and returns its path. */
export function samplePlan(folder: string, planned: SamplePlan): string {
  const {
    endpoint,
    green = {},
    size = 'Standard_DS2_v2',
    rows = 300,
    extra,
    data = join(SAMPLES, 'heart.csv'),
    model: name = 'heart-classifier',
  } = planned;
  const path = join(folder, `${endpoint}.yml`);
  const model = (version: string) =>
    `{name: ${name}, path: ${join(SAMPLES, 'heart-classifier', version)}}`;
  const count = planned.instances === undefined ? '' : `, instanceCount: ${planned.instances}`;
  writeFileSync(
    path,
    `version: 1
endpoint: {name: ${endpoint}}
blue: {name: default, model: ${model('v1')}, instanceType: ${size}${count}}
green: {name: ${green.name ?? 'xgboost-model'}, model: ${model(green.model ?? 'v2')}}
evidence: {data: '${data}', rows: ${rows}, seed: 4711, target: target}
${extra}`,
  );
  return path;
}
