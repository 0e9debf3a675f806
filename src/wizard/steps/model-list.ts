/** The items of the list of models, and which model a deployment runs. */
import { workspaceModel } from '../../common/model-ref.js';
import type { State } from '../state.js';
import type { ModelSubject } from './model-subject.js';

/** The list's own items beside the registered versions, which are `<model>:<version>`. */
export const FROM_FOLDER = '+folder';
export const FROM_URI = '+uri';
/** Before the uri of a model that a job left behind. */
export const FROM_JOB = '+job:';
/** Before the name of a deployment that is there already, without traffic. */
export const ADOPT = '+adopt:';
/** What the cursor is on before anything was chosen, where Enter must not choose. */
export const NOTHING = '';

export function blueModelOf(state: State): { name: string; version: string } | undefined {
  const opened = state.session?.opened;
  const blue = opened?.snapshot.deployments.find((each) => each.name === opened.roles.blue);
  return blue && workspaceModel(blue.model);
}

/** Models of this rollout's greens that were deleted after their proof. */
export const rejectedModels = (state: State): { name: string; version: string }[] =>
  (state.session?.opened?.journal.rejected ?? []).flatMap((id) => workspaceModel(id) ?? []);

/** It is only chosen; anything else is registered first. */
export const isRegistered = (subject: ModelSubject | undefined): boolean =>
  subject?.kind === 'version' || subject?.kind === 'registry';
