/** A deployment whose first provisioning failed: its log, and its deletion by name. */
import type { CreateDeployment } from '../../rollout/changes/change.js';
import { specOf } from '../../rollout/definitions.js';
import type { State, StepFailure } from '../state.js';
import { dropFromScreen, next, push, withScreen, type Update } from '../update.js';
import { deploymentOf, type DeploymentScreenState, type Role } from './deployment-form.js';

/** What follows the deletion; absent: the same deployment is made again. */
export type AfterDelete = NonNullable<DeploymentScreenState['afterDelete']>;

/** @param asked makes it again where Azure knows nothing of it */
export function askToDelete(
  state: State,
  role: Role,
  afterDelete: AfterDelete | undefined,
  asked: CreateDeployment | undefined,
): Update {
  const opened = state.session?.opened;
  const standing = deploymentOf(opened, role);
  const broken = standing?.name ?? state.screens[role]?.failure?.deployment;
  if (!opened || !broken) return next(state);
  // As it is there: the form may hold other values, and another client's model is not in it.
  const again: CreateDeployment | undefined =
    afterDelete !== undefined
      ? undefined
      : standing
        ? {
            kind: 'createDeployment',
            endpoint: opened.endpoint,
            deployment: standing.name,
            role,
            spec: specOf(standing),
          }
        : asked;
  const marked = afterDelete
    ? withScreen(state, role, { afterDelete })
    : dropFromScreen(state, role, 'afterDelete');
  return next(
    push(marked, {
      kind: 'type-name',
      title: `Delete deployment ${broken}`,
      lines: [
        'A deployment whose creation failed cannot be repaired. Delete it and create it again.',
      ],
      name: broken,
      typed: '',
      then: {
        do: 'run',
        changes: [
          { kind: 'deleteDeployment', endpoint: opened.endpoint, deployment: broken },
          ...(again ? [{ ...again, deployment: broken }] : []),
        ],
      },
      task: `Deleting ${broken}`,
    }),
  );
}

/** What is known of a deployment that failed before this session. */
export function failedEarlier(deployment: string, log?: string): StepFailure {
  return {
    failure: {
      kind: 'provisioning',
      what: `deployment ${deployment}`,
      message: 'Its first provisioning failed.',
      advice: 'Press L for its log.',
      retrySafe: false,
    },
    usersNotice: '',
    deployment,
    ...(log !== undefined && { logTail: log.trimEnd().split('\n').slice(-200) }),
  };
}

export function openLogs(state: State, role: Role): Update {
  const deployment =
    deploymentOf(state.session?.opened, role)?.name ?? state.screens[role]?.failure?.deployment;
  if (!deployment) return next(state);
  return next(push(state, { kind: 'logs', deployment, container: 'inference-server' }), {
    do: 'logs',
    deployment,
    container: 'inference-server',
  });
}
