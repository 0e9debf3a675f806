/** Models that training jobs left behind, which can be registered without a folder. */
import { record } from './arm-request.js';
import { readModelText } from './models.js';
import type { Scope } from './scope.js';
import type { JobModel } from './types.js';

/** Looked into; the newest come first. */
const MOST_JOBS = 12;

export async function listJobModels(scope: Scope, signal?: AbortSignal): Promise<JobModel[]> {
  const page = await scope.arm.get(`${scope.path}/jobs`, 'list the jobs', { signal });
  const values = page['value'];
  const jobs = (Array.isArray(values) ? values.map(record) : [])
    .filter((job) => String(record(job['properties'])['status'] ?? '') === 'Completed')
    .slice(0, MOST_JOBS);
  const found = await Promise.all(jobs.map((job) => modelsOf(scope, job, signal)));
  return found.flat();
}

async function modelsOf(
  scope: Scope,
  job: Record<string, unknown>,
  signal: AbortSignal | undefined,
): Promise<JobModel[]> {
  const properties = record(job['properties']);
  const name = String(job['name'] ?? '');
  const shown = properties['displayName'];
  const about = {
    job: name,
    ...(typeof shown === 'string' && shown !== '' && { displayName: shown }),
    ...(typeof record(job['systemData'])['createdAt'] === 'string' && {
      createdAt: String(record(job['systemData'])['createdAt']),
    }),
  };
  const outputs = Object.entries(record(properties['outputs']))
    .filter(([, output]) => record(output)['jobOutputType'] === 'mlflow_model')
    .map(([output]) => ({ ...about, uri: `azureml://jobs/${name}/outputs/${output}` }));
  if (outputs.length > 0) return outputs;
  // Logged with MLflow: the job does not tell, its artifacts do; `model` is the name in MLflow's examples.
  const uri = `azureml://jobs/${name}/outputs/artifacts/paths/model`;
  const there = await readModelText(scope, uri, 'MLmodel', `read job ${name}`, signal).catch(
    () => undefined,
  );
  return there === undefined ? [] : [{ ...about, uri }];
}
