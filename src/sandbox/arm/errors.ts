/**
 * The two envelopes of failures. ARM itself answers `{error:{code,message}}`; the Machine Learning
 * resource provider ("management front end") adds details and additionalInfo. Shapes as in the
 * recordings of azure-sdk-for-python's `azure-ai-ml`.
 */
import type { ReplyFault } from '../faults.js';

export interface Correlation {
  id: string;
  operation: string;
  request: string;
}

interface ArmErrorDetail {
  code: string;
  message: string;
}

export class ArmError extends Error {
  override name = 'ArmError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly layer: 'arm' | 'mfe',
    readonly details: ArmErrorDetail[] = [],
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }

  envelope(correlation: Correlation, location: string, nowMs: number): unknown {
    if (this.layer === 'arm') return { error: { code: this.code, message: this.message } };
    const info = (type: string, value: unknown) => ({ type, info: { value } });
    return {
      error: {
        code: this.code,
        message: this.message,
        details: this.details.map((detail) => ({ ...detail, details: [], additionalInfo: [] })),
        additionalInfo: [
          info('ComponentName', 'managementfrontend'),
          info('Correlation', { operation: correlation.operation, request: correlation.request }),
          info('Environment', location),
          info('Location', location),
          info('Time', wireTime(nowMs)),
        ],
      },
    };
  }
}

/** `2022-08-25T19:43:56.2430000+00:00`, the front end's way to write a time. */
export function wireTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000+00:00');
}

export function armError(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): ArmError {
  return new ArmError(status, code, message, 'arm', [], headers);
}

/** 400 of the front end: the outer message says nothing, the detail does. */
export function invalidRequest(message: string, code = 'ValidationError'): ArmError {
  return new ArmError(400, 'BadRequest', 'The request is invalid.', 'mfe', [{ code, message }]);
}

/** In the words of the serializer that the service uses (azure-ai-ml, changelog of 1.34.1). */
export function unknownMember(member: string, type: string, path: string): ArmError {
  return invalidRequest(
    `Could not find member '${member}' on object of type '${type}'. Path '${path}'.`,
  );
}

/** 400 relayed from the inferencing service: JSON inside a string, its braces doubled. */
export function inferencingRefusal(field: string, message: string): ArmError {
  const inner = `{{"errors":{{${JSON.stringify(field)}:[${JSON.stringify(message)}]}},"title":"One or more validation errors occurred."}}`;
  return new ArmError(400, 'BadRequest', 'The request is invalid.', 'mfe', [
    { code: 'InferencingClientCallFailed', message: inner },
  ]);
}

export function endpointBroken(name: string): ArmError {
  return inferencingRefusal(
    '',
    `Specified endpoint [${name}] has not been created successfully. Please recreate the endpoint.`,
  );
}

export function deploymentBroken(name: string): ArmError {
  return inferencingRefusal(
    '',
    `Specified deployment [${name}] failed during initial provisioning and is in an unrecoverable state. Delete and re-create.`,
  );
}

/** Not enough cores: a synchronous 400, worded as in MicrosoftLearning/mslearn-azure-ml#30. */
export function quotaRefusal(
  size: string,
  subscriptionId: string,
  numbers: { usage: number; limit: number; needed: number },
  traceId: string,
): ArmError {
  const inner = JSON.stringify({
    errors: {
      VmSize: [
        `Not enough quota available for ${size} in SubscriptionId ${subscriptionId}. Current usage/limit: ${numbers.usage}/${numbers.limit}. Additional needed: ${numbers.needed} Please see troubleshooting guide, available here: https://aka.ms/oe-tsg#error-outofquota`,
      ],
    },
    type: 'https://tools.ietf.org/html/rfc7231#section-6.5.1',
    title: 'One or more validation errors occurred.',
    status: 400,
    traceId: `00-${traceId}-${traceId.slice(0, 16)}-01`,
  });
  return new ArmError(400, 'BadRequest', 'The request is invalid.', 'mfe', [
    {
      code: 'InferencingClientCreateDeploymentFailed',
      message: `InferencingClient HttpRequest error, error detail: ${inner}`,
    },
  ]);
}

/** 404 of the front end for what it keeps itself: models, codes, environments, datastores. */
export function assetNotFound(code: string, message: string): ArmError {
  return new ArmError(404, 'UserError', 'The specified resource was not found.', 'mfe', [
    { code, message },
  ]);
}

/** 404 relayed from the inferencing service: endpoints and deployments. */
export function onlineNotFound(): ArmError {
  return new ArmError(404, 'NotFound', 'The specified resource was not found.', 'mfe', [
    { code: 'InferencingClientCallFailed', message: '{{"title":"Not Found"}}' },
  ]);
}

export function conflict(message: string): ArmError {
  return new ArmError(
    409,
    'Conflict',
    'The request conflicts with the current state of the resource.',
    'mfe',
    [{ code: 'Conflict', message }],
  );
}

/** The answer of a fault that names only a status. */
export function faultError(fault: ReplyFault, subscriptionId: string): ArmError {
  switch (fault.status) {
    case 401:
      return armError(401, 'ExpiredAuthenticationToken', 'The access token expiry has passed.', {
        'www-authenticate':
          'Bearer error="invalid_token", error_description="The access token is expired."',
      });
    case 403:
      return armError(
        403,
        'AuthorizationFailed',
        'The client does not have authorization to perform this action over the scope, or the scope is invalid. If access was recently granted, please refresh your credentials.',
      );
    case 409:
      return new ArmError(409, 'Conflict', 'The request conflicts with another one.', 'mfe');
    case 429:
      return armError(
        429,
        'SubscriptionRequestsThrottled',
        `Number of requests for subscription '${subscriptionId}' exceeded. Please try again after '${fault.headers?.['Retry-After'] ?? fault.headers?.['retry-after'] ?? '10'}' seconds.`,
        { 'retry-after': '10' },
      );
    default:
      return fault.status >= 500
        ? new ArmError(
            fault.status,
            'ServiceError',
            `Received ${fault.status} from a service request`,
            'mfe',
            [{ code: 'InternalServerError', message: 'The service could not answer.' }],
          )
        : new ArmError(fault.status, 'UserError', 'The request was refused.', 'mfe');
  }
}
