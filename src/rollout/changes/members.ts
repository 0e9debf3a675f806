/** Schemas of what changes hold. A journal's lines come from elsewhere, and become scripts and files. */
import * as z from 'zod';
import { isFileNamePart, nameProblem } from '../names.js';
import type { DeploymentSpec } from '../../azure/types.js';

/** One schema for each member, so that no line of a journal leaves one out or mistypes it. */
export type Members<T> = {
  [M in Exclude<keyof T, 'kind'>]-?: object extends Pick<T, M>
    ? z.ZodType<T[M] | undefined>
    : z.ZodType<T[M]>;
};

const text = z.string();
const texts = z.record(text, text);
/** Of an endpoint or a deployment. Other tools may give them names that this one would not. */
const hosted = text.refine(isFileNamePart, 'is not a name');
const modelName = text.refine((name) => nameProblem('model', name) === undefined);
const versionName = text.refine((name) => nameProblem('version', name) === undefined);
const count = z.int().min(0);
/** Percent of the traffic by deployment. */
const split = z.record(hosted, count.max(100));
const access = z.enum(['enabled', 'disabled']);
const amount = z.number().min(0);

const probe = z.looseObject({
  initialDelay: amount.optional(),
  period: amount.optional(),
  timeout: amount.optional(),
  successThreshold: amount.optional(),
  failureThreshold: amount.optional(),
});

const collection = z.looseObject({
  enabled: z.boolean(),
  samplingRate: z.number().optional(),
  dataId: text.optional(),
  clientId: text.optional(),
});

const route = z.looseObject({ port: count, path: text });

export const deploymentMembers: Members<DeploymentSpec> = {
  model: text,
  instanceType: text,
  instanceCount: count,
  description: text.optional(),
  tags: texts.optional(),
  environmentVariables: texts.optional(),
  requestSettings: z
    .looseObject({
      requestTimeoutMs: amount.optional(),
      maxConcurrentRequestsPerInstance: amount.optional(),
      maxQueueWaitMs: amount.optional(),
    })
    .optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  startupProbe: probe.optional(),
  modelMountPath: text.optional(),
  environment: text.optional(),
  environmentDefinition: z
    .looseObject({
      image: text,
      isAnonymous: z.boolean(),
      condaFile: text.optional(),
      condaPath: text.optional(),
      inferenceConfig: z
        .looseObject({ livenessRoute: route, readinessRoute: route, scoringRoute: route })
        .optional(),
      description: text.optional(),
      tags: texts.optional(),
    })
    .optional(),
  codeConfiguration: z
    .looseObject({ codeId: text.optional(), folder: text.optional(), scoringScript: text })
    .optional(),
  dataCollector: z
    .looseObject({
      collections: z.record(text, collection),
      rollingRate: text.optional(),
      captureHeaders: z.array(text).optional(),
    })
    .optional(),
  appInsightsEnabled: z.boolean().optional(),
  egressPublicNetworkAccess: access.optional(),
  properties: texts.optional(),
  packagedEnvironment: text.optional(),
};

const deploymentSpec = z.looseObject(deploymentMembers);

export const member = {
  text,
  texts,
  hosted,
  modelName,
  versionName,
  count,
  split,
  access,
  deploymentSpec,
};
