/** Whether blue's autoscale can be copied to green, where the plan asks for it. */
import type { Deployment, Workspace } from '../../azure/types.js';
import { failureOf } from '../errors.js';
import type { PreflightFinding } from './finding.js';

const SETTINGS = 'Microsoft.Insights/autoscaleSettings';
const NEEDED = [`${SETTINGS}/read`, `${SETTINGS}/write`, `${SETTINGS}/delete`];
const what = 'autoscale';

export async function autoscaleFindings(
  blue: Deployment,
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<PreflightFinding[]> {
  try {
    const setting = await workspace.autoscaleOf(blue.id, signal);
    if (!setting) {
      const detail = `The plan copies autoscale, and ${blue.name} has no autoscale setting.`;
      return [{ state: 'warn', what, detail }];
    }
    const group = setting.id.split('/providers/')[0] ?? '';
    const missing = await workspace.missingPermissions(NEEDED, signal, group);
    const detail = `${setting.name} of ${blue.name} is copied to green before green gets traffic`;
    if (missing.length === 0) return [{ state: 'ok', what, detail }];
    return [
      {
        state: 'fail',
        what,
        detail: `${detail}, and this sign-in cannot ${missing.join(', ')}.`,
        advice: `Ask an owner for a role with these actions on resource group ${group.split('/').at(-1) ?? ''}, or set autoscale to leave.`,
        kind: 'forbidden',
      },
    ];
  } catch (error) {
    signal?.throwIfAborted();
    const { kind, message, advice } = failureOf(error, what);
    const state = kind === 'forbidden' ? 'fail' : 'warn';
    return [{ state, what, detail: `The plan copies autoscale: ${message}`, advice, kind }];
  }
}
