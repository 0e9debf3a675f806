/**
 * What Azure Monitor asks of an autoscale setting (its definition of 2022-10-01, and Microsoft Learn,
 * "Understand autoscale settings"). Other members are kept as they come; nothing is scaled.
 */
import { sameName } from '../../common/same-name.js';
import * as z from 'zod';
import { deploymentRecord, findEndpoint } from '../model.js';
import { type ArmCall, anything, isObject } from './call.js';
import { armError, invalidRequest } from './errors.js';

const MOST_PROFILES = 20;
const MOST_RULES = 10;
const wholeNumber = z.string().regex(/^\d+$/, 'Numbers of instances are whole numbers as text.');
const duration = z.string().regex(/^P(?=.)/, 'Durations are written as in ISO 8601.');

const Rule = z.looseObject({
  metricTrigger: z.looseObject({
    metricName: z.string(),
    metricResourceUri: z.string(),
    timeGrain: duration,
    statistic: z.enum(['Average', 'Min', 'Max', 'Sum', 'Count']),
    timeWindow: duration,
    timeAggregation: z.enum(['Average', 'Minimum', 'Maximum', 'Total', 'Count', 'Last']),
    operator: z.enum([
      'Equals',
      'NotEquals',
      'GreaterThan',
      'GreaterThanOrEqual',
      'LessThan',
      'LessThanOrEqual',
    ]),
    threshold: z.number(),
  }),
  scaleAction: z.looseObject({
    direction: z.enum(['None', 'Increase', 'Decrease']),
    type: z.enum(['ChangeCount', 'PercentChangeCount', 'ExactCount', 'ServiceAllowedNextValue']),
    value: wholeNumber.optional(),
    cooldown: duration,
  }),
});

const Profile = z.looseObject({
  name: z.string().min(1),
  capacity: z
    .looseObject({ minimum: wholeNumber, maximum: wholeNumber, default: wholeNumber })
    .refine(
      ({ minimum, maximum, default: usual }) =>
        Number(minimum) <= Number(usual) && Number(usual) <= Number(maximum),
      'The default number of instances is from the minimum to the maximum.',
    ),
  rules: z.array(Rule).max(MOST_RULES, `A profile has at most ${MOST_RULES} rules.`),
});

export const AutoscaleSettings = z.object({
  location: z.string(),
  tags: anything,
  properties: z.looseObject({
    targetResourceUri: z.string(),
    profiles: z
      .array(Profile)
      .min(1, 'An autoscale setting has at least one profile.')
      .max(MOST_PROFILES, `An autoscale setting has at most ${MOST_PROFILES} profiles.`),
  }),
});

/** The target exists, and no other setting scales it. The wording is ours; Azure's is not known. */
export function checkAutoscaleTarget(call: ArmCall, target: string): void {
  const { state } = call.context;
  const [, endpoint, deployment] =
    /\/onlineEndpoints\/([^/]+)\/deployments\/([^/]+)$/i.exec(target) ?? [];
  if (endpoint === undefined || deployment === undefined) {
    throw invalidRequest(`The resource '${target}' does not support autoscale.`);
  }
  const found = findEndpoint(state, endpoint);
  if (!found || !deploymentRecord(found, deployment)) {
    throw armError(404, 'TargetResourceNotFound', `The target resource '${target}' was not found.`);
  }
  for (const [id, setting] of Object.entries(state.monitoring ?? {})) {
    if (id === call.path.toLowerCase() || !isObject(setting)) continue;
    const { properties } = setting;
    const other = isObject(properties) ? properties['targetResourceUri'] : undefined;
    if (typeof other === 'string' && sameName(other, target)) {
      throw armError(
        409,
        'Conflict',
        `The target resource '${target}' already has the autoscale setting '${id.split('/').at(-1) ?? ''}'.`,
      );
    }
  }
}
