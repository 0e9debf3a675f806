/**
 * Failures: MLflow's `error_code` (mlflow `databricks.proto`) in the envelope that Azure's tracking
 * service puts around it, as Azure/azure-sdk-for-python#42155 shows it.
 */
import { wireTime } from '../arm/errors.js';
import type { Correlation } from '../arm/call.js';

const STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  BAD_REQUEST: 400,
  INVALID_STATE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  FEATURE_DISABLED: 501,
  INTERNAL_ERROR: 500,
} as const;

export type MlflowErrorCode = keyof typeof STATUS;

export class MlflowError extends Error {
  override name = 'MlflowError';
  readonly status: number;
  constructor(
    readonly code: MlflowErrorCode,
    message: string,
  ) {
    super(message);
    this.status = STATUS[code];
  }

  envelope(correlation: Correlation, location: string, nowMs: number): unknown {
    return {
      Error: {
        Code: 'UserError',
        Severity: null,
        Message: this.message,
        MessageFormat: null,
        MessageParameters: null,
        ReferenceCode: null,
        DetailsUri: null,
        Target: null,
        Details: [],
        InnerError: null,
        DebugInfo: null,
        AdditionalInfo: null,
      },
      Correlation: { operation: correlation.operation, request: correlation.request },
      Environment: location,
      Location: location,
      Time: wireTime(nowMs),
      ComponentName: 'mlflow',
      statusCode: this.status,
      error_code: this.code,
    };
  }
}

export function invalidParameter(message: string): MlflowError {
  return new MlflowError('INVALID_PARAMETER_VALUE', message);
}

export function missing(message: string): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', message);
}

export function unsupportedFilter(filter: string | undefined): MlflowError {
  return invalidParameter(
    `Currently unsupported filter string format (we currently do not support OR). Provided filter string: ${filter ?? ''}`,
  );
}

/** What Azure, too, does not do. Its own wording is not known. */
export function unsupported(message: string): MlflowError {
  return new MlflowError('FEATURE_DISABLED', message);
}
