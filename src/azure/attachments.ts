/**
 * What outside of a deployment points at it by its ARM id: autoscale, alert rules, diagnostic settings,
 * model monitors. None of it follows to another deployment by itself.
 */
import { AUTOSCALE_API, autoscaleList } from './autoscale.js';
import { record, type Json } from './arm-request.js';
import { AzureError } from './errors.js';
import type { Scope } from './scope.js';
import type { Attachment, Attachments } from './types.js';

interface Source {
  kind: Attachment['kind'];
  /** Of the list that holds it. */
  path: (subscription: string, workspace: string, deployment: string) => string;
  apiVersion: string;
  /** The part of it that names what it is about. */
  subject: (setting: Json) => unknown;
}

const INSIGHTS = 'providers/Microsoft.Insights';
const properties = (setting: Json): Json => record(setting['properties']);

/** Each with its newest stable api-version; diagnostic settings have none. */
const SOURCES: readonly Source[] = [
  {
    kind: 'autoscale setting',
    path: autoscaleList,
    apiVersion: AUTOSCALE_API,
    subject: (setting) => properties(setting)['targetResourceUri'],
  },
  {
    kind: 'metric alert',
    path: (subscription) => `${subscription}/${INSIGHTS}/metricAlerts`,
    apiVersion: '2018-03-01',
    subject: (setting) => properties(setting)['scopes'],
  },
  {
    kind: 'log alert',
    path: (subscription) => `${subscription}/${INSIGHTS}/scheduledQueryRules`,
    apiVersion: '2021-08-01',
    subject: (setting) => properties(setting)['scopes'],
  },
  {
    kind: 'diagnostic setting',
    path: (_, __, deployment) => `${deployment}/${INSIGHTS}/diagnosticSettings`,
    apiVersion: '2021-05-01-preview',
    subject: (setting) => setting['id'],
  },
  {
    kind: 'model monitor',
    path: (_, workspace) => `${workspace}/schedules`,
    apiVersion: '2024-04-01',
    subject: (setting) => record(properties(setting)['action'])['monitorDefinition'],
  },
];

/** @param deployment ARM id */
export async function attachments(
  scope: Scope,
  deployment: string,
  signal?: AbortSignal,
): Promise<Attachments> {
  const subscription = `/subscriptions/${encodeURIComponent(scope.connection.subscriptionId)}`;
  const looked = await Promise.all(
    SOURCES.map(async ({ kind, path, apiVersion, subject }) => {
      const list = path(subscription, scope.path, deployment);
      try {
        const all = await scope.arm.list(list, `list what is a ${kind}`, { apiVersion, signal });
        return all
          .filter((each) => names(subject(each), deployment))
          .map((each): Attachment => ({ kind, name: String(each['name'] ?? ''), id: idOf(each) }));
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof AzureError) return kind;
        throw error;
      }
    }),
  );
  return {
    found: looked.flatMap((each) => (typeof each === 'string' ? [] : each)),
    unread: looked.filter((each) => typeof each === 'string'),
  };
}

const idOf = (setting: Json): string => String(setting['id'] ?? '');

/** A monitor may name its target as azure-ai-ml's files do, `azureml:ENDPOINT:DEPLOYMENT`. */
function names(subject: unknown, deployment: string): boolean {
  const short = /\/onlineEndpoints\/([^/]+)\/deployments\/([^/]+)$/i.exec(deployment);
  const wanted = [deployment, ...(short ? [`azureml:${short[1]}:${short[2]}`] : [])];
  return texts(subject).some((text) =>
    wanted.some((name) => {
      const [said, asked] = [text.toLowerCase(), name.toLowerCase()];
      // What lies below the deployment is about it too; `blue` is no part of `blue-2`.
      return said === asked || said.startsWith(`${asked}/`);
    }),
  );
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}
