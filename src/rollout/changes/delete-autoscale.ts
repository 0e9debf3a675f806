import { settingIn, settingName } from '../autoscale.js';
import type { ChangeKind, DeleteAutoscale } from './change.js';
import { member } from './members.js';

export const deleteAutoscaleKind: ChangeKind<DeleteAutoscale> = {
  members: {
    endpoint: member.hosted,
    deployment: member.hosted,
    setting: member.text,
  },
  usualSeconds: 2,
  title: ({ setting, deployment }) =>
    `delete autoscale setting ${settingName(setting)} of ${deployment}`,

  guard({ setting, deployment }, now) {
    const there = settingIn(now, setting);
    return there && there.target.split('/').at(-1)?.toLowerCase() !== deployment.toLowerCase()
      ? `Autoscale setting ${there.name} now scales another resource, so it is not deleted.`
      : undefined;
  },

  apply: ({ setting }, { workspace, signal }) => workspace.deleteAutoscale(setting, signal),

  readBack: ({ setting }, after) =>
    settingIn(after, setting) && `Autoscale setting ${settingName(setting)} still exists.`,
};
