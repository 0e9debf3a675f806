/** What a new deployment is checked for before anything is paid for. */
import type { DeploymentSpec } from '../../azure/types.js';
import { shareOf } from '../../common/split.js';
import { notCarried, unapproved } from '../../rollout/inherit.js';
import { tooFewInstances } from '../../rollout/quota.js';
import { fieldValue, flagged, type Form } from '../form.js';
import type { State } from '../state.js';
import { next, push, type Update } from '../update.js';
import { deploymentOf } from './deployment-form.js';

/** Azure would take it for a change of the one that exists. */
export function nameTaken(state: State, form: Form): Form | undefined {
  const name = fieldValue(form, 'name');
  const taken = state.session?.opened?.snapshot.deployments.some((each) => each.name === name);
  return taken ? flagged(form, 'name', `${name} already exists: choose another name.`) : undefined;
}

/** The plan's last weight is out of green's reach. */
export function tooSmall(state: State, form: Form): Form | undefined {
  const opened = state.session?.opened;
  const blue = deploymentOf(opened, 'blue');
  if (!opened || !blue) return undefined;
  const green = {
    name: fieldValue(form, 'name'),
    instanceType: fieldValue(form, 'size'),
    instanceCount: Number(fieldValue(form, 'count')),
  };
  const most = shareOf(opened.snapshot.endpoint?.traffic ?? {}, blue.name);
  const short = tooFewInstances(most, green, blue);
  return short && flagged(form, 'count', `${short.sentence} ${short.advice}`);
}

/** A person approves what of blue green will lack. */
export function askOfLosses(state: State, green: DeploymentSpec): Update | undefined {
  const opened = state.session?.opened;
  const blue = deploymentOf(opened, 'blue');
  const losses = opened && blue ? unapproved(notCarried(blue, green), opened.journal) : [];
  if (losses.length === 0) return undefined;
  const before = opened?.journal.choice.approvedLosses ?? [];
  const approvedLosses = [...before, ...losses.map(({ member }) => member)];
  return next(
    push(state, {
      kind: 'confirm',
      title: 'Approval required: green does not get everything that blue has',
      lines: losses.map(({ sentence }) => sentence),
      choices: [
        { value: 'no', label: 'Do not create green' },
        { value: 'yes', label: 'Create green without them' },
      ],
      then: { yes: { do: 'record', choice: { approvedLosses } } },
      task: 'Recording the approval',
    }),
  );
}
