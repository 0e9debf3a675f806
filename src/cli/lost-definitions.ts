/** Where the definition of a deleted deployment is kept on this machine. */
import { sameName } from '../common/same-name.js';
import type { WorkspaceRef } from '../azure/types.js';
import { ownCommand } from '../interop/own-command.js';
import { paths } from '../profiles/paths.js';
import { definitions } from '../rollout/definitions.js';
import { listJournals } from '../rollout/journal/journal.js';
import { journalView } from '../rollout/journal/view.js';

/** A sentence for each that is found, with the command that writes it out. */
export function lostDefinitions(
  workspace: WorkspaceRef,
  endpoint: string,
  missing: readonly string[],
  /** Options that name the workspace. */
  reach: string,
): string[] {
  const views = listJournals(paths().journals)
    .journals.map(({ entries }) => journalView(entries))
    .filter(
      (view) =>
        sameName(view.endpoint, endpoint) &&
        sameName(view.workspace?.workspaceName, workspace.workspaceName) &&
        sameName(view.workspace?.resourceGroup, workspace.resourceGroup) &&
        sameName(view.workspace?.subscriptionId, workspace.subscriptionId),
    );
  return missing.flatMap((name) => {
    const view = views.find((each) =>
      definitions(each, []).some(({ deployment }) => sameName(deployment, name)),
    );
    return view?.rolloutId === undefined
      ? []
      : [
          `A journal on this machine has the definition of ${name}: ${ownCommand('export', endpoint, '--rollout', view.rolloutId, reach)} writes it into report.md.`,
        ];
  });
}
