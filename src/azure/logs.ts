/**
 * KQL on a Log Analytics workspace, or on the logs of any resource (an Application Insights component
 * among them). Sources: Microsoft Learn, "Azure Monitor Log Analytics API request format", "response
 * format", "Azure resource queries" and "errors"; hosts and audiences of the clouds are
 * `KnownMonitorLogsQueryAudience` of `@azure/monitor-query-logs`.
 */
import { retryPolicy } from '@azure/core-rest-pipeline';
import type { LogsQueryClient } from '@azure/monitor-query-logs';
import { answerFailure, AzureError } from './errors.js';
import { RETRIES, retryStrategy } from './retry.js';
import { doing, type Scope } from './scope.js';
import { signInPolicy } from './sign-in-policy.js';
import type { LogsOf, LogTable } from './types.js';

type Reached = Pick<Scope, 'cloud' | 'tokens' | 'transport'>;

/** Loaded on first use. With our way out, our sign-in and our retry policy, as the client of Resource Manager. */
async function logsClient(
  { cloud, tokens, transport }: Reached,
  what: string,
  signal: AbortSignal | undefined,
): Promise<LogsQueryClient> {
  const { LogsQueryClient } = await import('@azure/monitor-query-logs');
  const scope = `${cloud.logs}/.default`;
  const options = {
    endpoint: `${cloud.logs}/v1`,
    // Version 1.0 passes over `audience`; this is what it reads.
    credentials: { scopes: [scope] },
    agent: transport.agent,
    userAgentOptions: { userAgentPrefix: 'aml-rollout' },
  };
  const client = new LogsQueryClient(tokens, options);
  const { pipeline } = client;
  pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  pipeline.removePolicy({ name: 'redirectPolicy' });
  pipeline.addPolicy({
    name: 'refusal',
    // Version 1.0 drops the signal, reads a refusal as JSON of its own shape, and breaks at a proxy's page.
    async sendRequest(request, next) {
      if (signal) request.abortSignal = signal;
      const response = await next(request);
      const { status, bodyAsText: body, headers } = response;
      if (status === 200) return response;
      throw new AzureError(
        answerFailure({ status, body, header: (name) => headers.get(name) }, what),
      );
    },
  });
  pipeline.addPolicy(retryPolicy([retryStrategy], { maxRetries: RETRIES }), { phase: 'Retry' });
  pipeline.addPolicy(signInPolicy(tokens, scope), { phase: 'Sign' });
  return client;
}

export function queryLogs(
  scope: Reached,
  of: LogsOf,
  query: string,
  from: Date,
  to: Date,
  signal?: AbortSignal,
): Promise<LogTable[]> {
  const what = 'query the logs';
  return doing(what, async () => {
    const client = await logsClient(scope, what, signal);
    const span = { startTime: from, endTime: to };
    const answer =
      'workspace' in of
        ? await client.queryWorkspace(of.workspace, query, span)
        : // The client puts a slash before it.
          await client.queryResource(of.resource.replace(/^\/+/, ''), query, span);
    if ('tables' in answer) {
      return answer.tables.map(({ columnDescriptors, rows }) => ({
        columns: columnDescriptors.map(({ name }) => name ?? ''),
        rows,
      }));
    }
    const body = { error: answer.partialError };
    throw new AzureError(answerFailure({ status: 200, body, header: () => undefined }, what));
  });
}
