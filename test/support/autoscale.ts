/** An autoscale setting as the documentation has it: a rule on the deployment, one on the endpoint, a webhook. */
import type { ArmClient } from './arm.js';

export const WEBHOOK = 'https://hooks.example/scaled?code=not-to-be-written';

/** @param target ARM id of the deployment */
export function autoscaleBody(name: string, target: string): Record<string, unknown> {
  const endpoint = target.replace(/\/deployments\/.*$/i, '');
  const action = { type: 'ChangeCount', value: '1', cooldown: 'PT5M' };
  return {
    location: 'westeurope',
    tags: { team: 'ml' },
    properties: {
      name,
      enabled: true,
      targetResourceUri: target,
      profiles: [
        {
          name: 'default',
          capacity: { minimum: '1', maximum: '5', default: '1' },
          rules: [
            {
              metricTrigger: {
                metricName: 'CpuUtilizationPercentage',
                metricNamespace:
                  'microsoft.machinelearningservices/workspaces/onlineendpoints/deployments',
                metricResourceUri: target.toUpperCase(),
                timeGrain: 'PT1M',
                statistic: 'Average',
                timeWindow: 'PT5M',
                timeAggregation: 'Average',
                operator: 'GreaterThan',
                threshold: 70,
                dividePerInstance: false,
              },
              scaleAction: { direction: 'Increase', ...action },
            },
            {
              metricTrigger: {
                metricName: 'RequestLatency',
                metricResourceUri: endpoint,
                timeGrain: 'PT1M',
                statistic: 'Average',
                timeWindow: 'PT5M',
                timeAggregation: 'Average',
                operator: 'LessThan',
                threshold: 5,
                dimensions: [
                  {
                    DimensionName: 'deployment',
                    Operator: 'Equals',
                    Values: [target.split('/').at(-1)],
                  },
                ],
              },
              scaleAction: { direction: 'Decrease', ...action },
            },
          ],
        },
        {
          name: 'weekend',
          capacity: { minimum: '1', maximum: '2', default: '1' },
          rules: [],
          recurrence: {
            frequency: 'Week',
            schedule: { timeZone: 'UTC', days: ['Saturday'], hours: [6], minutes: [0] },
          },
        },
      ],
      notifications: [
        { operation: 'Scale', email: {}, webhooks: [{ serviceUri: WEBHOOK, properties: {} }] },
      ],
    },
  };
}

/** Path of a setting in the sandbox's resource group. */
export const autoscalePath = (arm: ArmClient, name: string): string =>
  `${arm.workspace.split('/providers/')[0] ?? ''}/providers/Microsoft.Insights/autoscaleSettings/${name}`;
