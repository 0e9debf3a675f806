/** Headers of a scoring answer, as recorded from the service. */
import { randomUUID } from 'node:crypto';

export interface Served {
  /** Made here where it is missing. */
  requestId?: string | undefined;
  deployment?: string | undefined;
  /** Milliseconds in the container's run function. */
  execMs?: number | undefined;
  failed?: boolean | undefined;
  /** What the container answered, where it was not 200. */
  modelStatus?: number | undefined;
  clientRequestId?: string | undefined;
}

export function responseHeaders(served: Served): Record<string, string> {
  const headers: Record<string, string> = {
    server: 'azureml-frontdoor',
    'x-request-id': served.requestId ?? randomUUID(),
  };
  if (served.deployment !== undefined) headers['azureml-model-deployment'] = served.deployment;
  if (served.execMs !== undefined) headers['x-ms-run-fn-exec-ms'] = served.execMs.toFixed(3);
  if (served.failed !== undefined)
    headers['x-ms-run-function-failed'] = served.failed ? 'True' : 'False';
  if (served.modelStatus !== undefined && served.modelStatus !== 200) {
    headers['ms-azureml-model-error-statuscode'] = String(served.modelStatus);
    headers['ms-azureml-model-error-reason'] = 'model_error';
  }
  // The service keeps letters, digits, - and _ of the caller's id, and 40 of them.
  const id = served.clientRequestId?.replace(/[^\w-]/g, '').slice(0, 40);
  if (id !== undefined && id !== '') headers['x-ms-client-request-id'] = id;
  return headers;
}
