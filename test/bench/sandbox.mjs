// How soon the sandbox is ready, what memory it takes, and what it answers beside MLflow's own server.
import { pythonWith, resultOfProgram } from './runner.mjs';

export const title = 'sandbox';

export function measure({ quick }) {
  const python = pythonWith('mlflow, sklearn, cloudpickle, uvicorn');
  return resultOfProgram('sandbox-rows.ts', quick ? '3' : '10', ...(python ? [python] : []));
}
