import type { Probe } from '../azure/types.js';

/** Azure's own where nothing is said: Microsoft Learn, "managed online deployment YAML schema". */
export const AZURE_PROBE: Probe = {
  initialDelay: 10,
  period: 10,
  timeout: 2,
  successThreshold: 1,
  failureThreshold: 30,
};

/**
 * MLflow models install their packages at container start: with Azure's 10 s the probe ends the
 * container first (Azure/azureml-examples#3983 took 500 s).
 */
export const PATIENT_PROBE: Probe = { ...AZURE_PROBE, initialDelay: 500 };
