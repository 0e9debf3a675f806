/** The answer of a fault that names only a status. */
import type { ReplyFault } from '../faults.js';
import { ArmError, armError } from './errors.js';

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
