/**
 * The query service of Azure Monitor's logs (`api.loganalytics.io` and its twins). It answers a query with
 * what the control route was told, and understands no KQL. Shapes: Microsoft Learn, "Azure Monitor Log
 * Analytics API request format", "response format", "errors" and "Azure resource queries"; the error of an
 * unknown table as in Azure/azure-cli-extensions#3002, of an unknown workspace as in #2479 there.
 */
import { sameName } from '../common/same-name.js';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { type Management, installWire, send } from './arm/wire.js';
import { isDenied } from './conditions.js';
import { type ObservedLog, observedOf, wasSeen } from './observed.js';
import type { TokenVerdict } from './context.js';

const READ = 'Microsoft.OperationalInsights/workspaces/query/read';

interface LogsFault {
  message: string;
  code: string;
  innererror?: LogsFault;
}

class LogsError extends Error {
  constructor(
    readonly status: number,
    readonly error: LogsFault,
  ) {
    super(error.message);
  }
}

const badQuery = (innererror: LogsFault): LogsError =>
  new LogsError(400, {
    message: 'The request had some invalid properties',
    code: 'BadArgumentError',
    innererror,
  });

export function registerLogs(app: FastifyInstance, management: Management): void {
  const { state, clock } = management.context;
  installWire(
    app,
    management,
    (error) =>
      error instanceof LogsError
        ? { status: error.status, body: { error: error.error } }
        : undefined,
    { audience: 'logs', refusal },
  );
  app.setNotFoundHandler(() => {
    throw pathNotFound();
  });

  const answer = (of: string, request: FastifyRequest): unknown => {
    if (isDenied(state, READ)) throw noAccess();
    const own = observedOf(state).logs.filter((each) => sameName(each.of, of));
    if (own.length === 0) throw of.startsWith('/') ? resourceNotFound(of) : pathNotFound();
    const { query, until } = asked(request.body, clock.now());
    const found = own.find((each) => query.includes(each.query) && wasSeen(each, until - 1));
    if (found === undefined) throw unknownTable(query);
    return resultOf(found);
  };
  app.post<{ Params: { workspace: string } }>('/v1/workspaces/:workspace/query', (request, reply) =>
    send(reply, { status: 200, body: answer(request.params.workspace, request) }),
  );
  app.post<{ Params: { '*': string } }>('/v1/subscriptions/*', (request, reply) => {
    const [, path] = /^(.+)\/query$/i.exec(request.params['*']) ?? [];
    if (path === undefined) throw pathNotFound();
    const body = answer(`/subscriptions/${path}`, request);
    return send(reply, { status: 200, body });
  });
}

const Body = z.object({ query: z.string(), timespan: z.string().optional() });

/** The query, and the end of its time. */
function asked(text: unknown, now: number): { query: string; until: number } {
  let json: unknown;
  try {
    json = JSON.parse(String(text));
  } catch {
    json = undefined;
  }
  const read = Body.safeParse(json);
  if (!read.success || !isBalanced(read.data.query)) {
    throw badQuery({ message: 'Syntax Error', code: 'SyntaxError' });
  }
  const { query, timespan = '' } = read.data;
  const until = Date.parse(timespan.split('/').at(-1) ?? '');
  return { query, until: Number.isNaN(until) ? now : until };
}

/** Of syntax, all that is looked at. */
function isBalanced(query: string): boolean {
  const bare = query.replaceAll(/"[^"\n]*"|'[^'\n]*'/g, '');
  const count = (sign: string): number => bare.split(sign).length;
  return query.trim() !== '' && !/["']/.test(bare) && count('(') === count(')');
}

function resultOf({ columns, rows, partialError }: ObservedLog): unknown {
  const details = [{ message: partialError, code: 'EngineError' }];
  const message = 'There were some errors when processing your query.';
  return {
    tables: [{ name: 'PrimaryResult', columns, rows }],
    ...(partialError !== undefined && { error: { message, code: 'PartialError', details } }),
  };
}

function unknownTable(query: string): LogsError {
  const [table = '', operator = 'where'] = query.split(/[|\s]+/).filter(Boolean);
  return badQuery({
    message: 'A semantic error occurred.',
    code: 'SemanticError',
    innererror: {
      message: `'${operator}' operator: Failed to resolve table or column expression named '${table}'`,
      code: 'SEM0100',
    },
  });
}

const pathNotFound = (): LogsError =>
  new LogsError(404, { message: 'The requested path does not exist', code: 'PathNotFoundError' });

const resourceNotFound = (id: string): LogsError =>
  new LogsError(404, {
    message: `The resource ${id} was not found`,
    code: 'ResourceNotFoundError',
  });

const noAccess = (): LogsError =>
  new LogsError(403, {
    message: 'The provided credentials have insufficient access to perform the requested operation',
    code: 'InsufficientAccessError',
  });

function refusal(reason: Extract<TokenVerdict, { ok: false }>['reason']): LogsError {
  if (reason === 'missing') {
    return new LogsError(401, {
      message: "Authentication failed. The 'Authorization' header is missing.",
      code: 'AuthenticationFailed',
    });
  }
  return reason === 'audience'
    ? new LogsError(403, {
        message: 'The access token has been obtained from wrong audience or resource.',
        code: 'InvalidAuthenticationTokenAudience',
      })
    : new LogsError(403, {
        message: 'The access token is invalid.',
        code: 'InvalidAuthenticationToken',
      });
}
