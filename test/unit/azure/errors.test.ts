import { describe, expect, test } from 'vitest';
import {
  answerFailure,
  operationFailure,
  retryAfterSeconds,
  toFailure,
} from '../../../src/azure/errors.js';

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  return answerFailure({ status, body, header: (name) => headers[name] }, 'do it');
}

const inferencing = (message: string) => ({
  error: {
    code: 'BadRequest',
    message: 'The request is invalid.',
    details: [{ code: 'InferencingClientCallFailed', message, details: [], additionalInfo: [] }],
    additionalInfo: [
      { type: 'ComponentName', info: { value: 'managementfrontend' } },
      { type: 'Correlation', info: { value: { operation: '89c9d96a', request: '87184795' } } },
    ],
  },
});

describe('answers of Azure', () => {
  test('quota: the message inside the JSON inside the message, with the numbers', () => {
    const failure = answer(
      400,
      inferencing(
        'InferencingClient HttpRequest error, error detail: {"errors":{"VmSize":["Not enough quota available for Standard_F4s_v2 in SubscriptionId 3d1e. Current usage/limit: 2/6. Additional needed: 8 Please see troubleshooting guide"]},"title":"One or more validation errors occurred.","status":400}',
      ),
    );
    expect(failure.kind).toBe('quota');
    expect(failure.message).toMatch(/^Not enough quota available for Standard_F4s_v2/);
    expect(failure.advice).toMatch(/needs 8 more cores.* 4 of 6 are free/);
    expect(failure.correlationId).toBe('89c9d96a');
    expect(failure.status).toBe(400);
  });

  test('braces doubled by a formatter', () => {
    const failure = answer(
      400,
      inferencing(
        '{{"errors":{{"":["Specified deployment [x] failed during initial provisioning and is in an unrecoverable state. Delete and re-create."]}},"title":"One or more validation errors occurred."}}',
      ),
    );
    expect(failure).toMatchObject({
      kind: 'provisioning',
      message:
        'Specified deployment [x] failed during initial provisioning and is in an unrecoverable state. Delete and re-create.',
      retrySafe: false,
    });
    expect(failure.advice).toMatch(/delete it and create it again/);
  });

  test.each([
    [
      'detail before the generic outer message',
      404,
      {
        error: {
          code: 'UserError',
          message: 'The specified resource was not found.',
          details: [{ code: 'ModelNotFound', message: 'Model container with name: m not found.' }],
        },
      },
      { kind: 'not-found', message: 'Model container with name: m not found.' },
    ],
    [
      'half-made endpoint',
      400,
      inferencing(
        '{{"errors":{{"":["Specified endpoint [x] has not been created successfully. Please recreate the endpoint."]}}}}',
      ),
      { kind: 'provisioning', advice: expect.stringContaining('Creating the endpoint failed') },
    ],
    [
      'name taken',
      409,
      inferencing(
        'There is already an endpoint with this name, Endpoint name needs to be unique within a region',
      ),
      { kind: 'invalid', retrySafe: false, advice: expect.stringContaining('Choose another') },
    ],
    [
      'busy endpoint',
      400,
      inferencing(
        'Cannot create a deployment in endpoint X because it is in Updating provisioning state.',
      ),
      { kind: 'conflict', retrySafe: true, advice: expect.stringContaining('still running') },
    ],
    [
      'no role',
      403,
      {
        error: {
          code: 'AuthorizationFailed',
          message:
            "The client 'a@b.c' with object id 'o' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/write' over scope '/s' or the scope is invalid.",
        },
      },
      { kind: 'forbidden', advice: expect.stringContaining('AzureML Data Scientist') },
    ],
    [
      'no role to register a provider',
      403,
      {
        error: {
          code: 'AuthorizationFailed',
          message:
            "The client 'a' with object id 'o' does not have authorization to perform action 'Microsoft.Cdn/register/action' over scope '/s'",
        },
      },
      { kind: 'forbidden', advice: expect.stringContaining('Contributor on the subscription') },
    ],
    [
      'token ended',
      401,
      { error: { code: 'ExpiredAuthenticationToken', message: 'The access token expiry …' } },
      { kind: 'sign-in', retrySafe: true },
    ],
    [
      'policy',
      403,
      { error: { code: 'RequestDisallowedByPolicy', message: 'Resource … disallowed by policy.' } },
      { kind: 'policy' },
    ],
    [
      'storage keys off',
      403,
      { code: 'KeyBasedAuthenticationNotPermitted', message: 'Key based authentication …' },
      { kind: 'forbidden', advice: expect.stringContaining('Storage Blob Data Contributor') },
    ],
    [
      'blob role missing',
      403,
      { code: 'AuthorizationPermissionMismatch', message: 'This request is not authorized …' },
      { kind: 'forbidden', advice: expect.stringContaining('Storage Blob Data Contributor') },
    ],
    [
      'path of a taken version',
      400,
      { error: { code: 'UserError', message: '(UserError) Asset paths cannot be updated.' } },
      { kind: 'conflict', advice: expect.stringContaining('next version') },
    ],
    [
      'service',
      500,
      { error: { code: 'ServiceError', message: 'Received 500 from a service request' } },
      { kind: 'service', retrySafe: true },
    ],
    ['no body at all', 502, undefined, { kind: 'service', message: 'Azure answered 502.' }],
    ['a proxy that wants a sign-in', 407, '<html>', { kind: 'network' }],
  ])('%s', (_name, status, body, expected) => {
    expect(answer(status, body)).toMatchObject(expected);
  });

  test('throttling says how long', () => {
    const body = { error: { code: 'SubscriptionRequestsThrottled', message: 'exceeded' } };
    expect(answer(429, body, { 'retry-after': '17' })).toMatchObject({
      kind: 'throttled',
      retryAfterSeconds: 17,
      advice: expect.stringContaining('17 s') as string,
    });
  });

  test('control characters never come through', () => {
    const body = {
      error: { code: 'X\u001b[31m', message: 'red \u001b[31mtext\u0007\r\n\u202eback\u009b2J' },
    };
    const failure = answer(400, body, { 'x-ms-request-id': 'id\u001b]0;t\u0007' });
    expect(JSON.stringify(failure)).not.toMatch(/\\u00|[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(failure.message).toContain('red text');
  });
});

describe('operations that failed', () => {
  test.each([
    [
      'ResourceNotReady',
      'User container has crashed or terminated: Liveness probe failed: HTTP probe failed with statuscode: 502.',
      /logs/,
    ],
    ['BadArgument', 'User container has crashed or terminated: Liveness probe failed', /logs/],
    [null, 'ResourceNotReady: User container has crashed', /logs/],
    ['ImageBuildFailure', 'the build log under the storage account [sa]', /build log/],
    ['SomethingNew', 'It broke.', /logs/],
  ])('%s', (code, message, advice) => {
    const failure = operationFailure({ code, message, details: [], additionalInfo: [] }, 'wait');
    expect(failure).toMatchObject({ kind: 'provisioning', message, retrySafe: false });
    expect(failure.advice).toMatch(advice);
  });

  test('a key that a server repeats is shown nowhere', () => {
    const key = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo';
    const message = `mount failed: AccountKey=${key}=`;
    for (const failure of [
      operationFailure({ code: 'X', message }, 'wait'),
      answer(400, { error: { code: 'X', message } }),
      answer(502, message),
    ]) {
      expect(failure.message).toContain('mount failed: AccountKey=••••');
      expect(JSON.stringify(failure)).not.toContain(key);
    }
  });

  test('unregistered providers are named', () => {
    const failure = operationFailure(
      { code: 'SubscriptionNotRegistered', message: "Resource provider [N/A] isn't registered" },
      'wait',
    );
    expect(failure.advice).toMatch(/Microsoft\.PolicyInsights.*Microsoft\.Cdn/);
  });
});

describe('without an answer', () => {
  test.each([
    ['ECONNREFUSED', /proxy/],
    ['ENOTFOUND', /VPN/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /caFile/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /caFile/],
    ['ECONNRESET', /Try again/],
  ])('%s, also below other errors', (code, advice) => {
    const cause = Object.assign(new Error('inner'), { code });
    const error = Object.assign(new Error('outer', { cause }), { code: 'REQUEST_SEND_ERROR' });
    expect(toFailure(error, 'x')).toMatchObject({ kind: 'network', code, retrySafe: true });
    expect(toFailure(error, 'x').advice).toMatch(advice);
  });

  test('says of an answer without the members it should have what that means', () => {
    const error = new TypeError("Cannot read properties of undefined (reading 'nextVersion')");
    const { message, advice, retrySafe } = toFailure(error, 'read model heart');
    expect(message).toBe("Azure's answer lacks what was asked for.");
    expect(advice).toContain('check the proxy');
    expect(retrySafe).toBe(true);
  });

  test('an abort is no failure of Azure', () => {
    const error = Object.assign(new Error('aborted'), { name: 'AbortError' });
    expect(toFailure(error, 'x').kind).toBe('cancelled');
  });

  test('a sign-in that is not there, and one that was refused', () => {
    const none = Object.assign(
      new Error('ChainedTokenCredential authentication failed.\nEnvironmentCredential is …'),
      { name: 'AggregateAuthenticationError' },
    );
    expect(toFailure(none, 'x')).toMatchObject({
      kind: 'sign-in',
      message: 'No sign-in was found on this machine.',
      advice: expect.stringContaining('az login') as string,
    });
    const refused = Object.assign(
      new Error(
        'invalid_grant: AADSTS70043: The refresh token has expired. Trace ID: t Correlation ID: 11111111-2222-3333-4444-555555555555',
      ),
      { name: 'AuthenticationError' },
    );
    expect(toFailure(refused, 'x')).toMatchObject({
      kind: 'sign-in',
      code: 'AADSTS70043',
      message: 'AADSTS70043: The refresh token has expired.',
      correlationId: '11111111-2222-3333-4444-555555555555',
    });
  });

  test('Retry-After in both forms', () => {
    expect(retryAfterSeconds('7')).toBe(7);
    expect(retryAfterSeconds('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6);
    expect(retryAfterSeconds('soon')).toBeUndefined();
    expect(retryAfterSeconds(undefined)).toBeUndefined();
  });
});
