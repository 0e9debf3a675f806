/** The form that asks where a model lies, and what it is to be called. */
import { placeOfModel } from '../file-values.js';
import { fieldValue, makeForm, setField, type Field, type Form } from '../form.js';
import { isGuarded } from '../policy.js';
import type { State } from '../state.js';
import { blueModelOf, rejectedModels } from './model-list.js';
import type { ModelScreenState } from './model-subject.js';

export type ModelStep = 'blue-model' | 'new-model';

/** The model of the deployment.yml named on the command line. */
export const fromFile = ({ defaults }: State, id: ModelStep) =>
  id === 'new-model' && defaults.deploymentFile ? placeOfModel(defaults.deploymentFile) : undefined;

const proposedName = (state: State, id: ModelStep): string =>
  fromFile(state, id)?.name ??
  (id === 'new-model' ? blueModelOf(state)?.name : undefined) ??
  state.session?.opened?.journal.choice.blueModel?.name ??
  (isGuarded(state) ? '' : 'heart-classifier');

function proposedFolder(state: State, id: ModelStep): string {
  const place = fromFile(state, id);
  if (place) return place.mode === 'folder' ? place.place : '';
  if (isGuarded(state)) return '';
  return id === 'blue-model' ? state.defaults.blueFolder : state.defaults.newFolder;
}

/** @param uri a place that was chosen already */
export function modelForm(state: State, id: ModelStep, mode: 'folder' | 'uri', uri: string): Form {
  const named = fromFile(state, id);
  const place: Field =
    mode === 'folder'
      ? {
          id: 'place',
          label: 'Folder',
          kind: 'text',
          value: proposedFolder(state, id),
          path: true,
          hint: 'an MLflow model folder: the one that holds MLmodel',
        }
      : {
          id: 'place',
          label: 'Place',
          kind: 'text',
          value: uri === '' && named?.mode === 'uri' ? named.place : uri,
          hint: 'azureml://jobs/JOB/outputs/…, runs:/RUN/model, azureml:NAME@latest',
        };
  const name: Field = {
    id: 'name',
    label: 'Model',
    kind: 'text',
    value: proposedName(state, id),
    ...(mode === 'uri' && { hint: "to register it as; not for a registry's or a registered one" }),
  };
  const form = makeForm([place, name], isGuarded(state));
  // Only the person knows the place: the cursor waits there.
  return place.value === '' ? { ...form, focus: 0, cursor: 0 } : form;
}

/** Of a folder on this machine or of a uri. */
const lastPart = (path: string): string | undefined => path.split(/[\\/]/).filter(Boolean).at(-1);

/**
 * A further rollout of the samples: what serves already, or was rejected, is no new version.
 * `undefined`: the form stays as it is.
 */
export function withAnotherFolder(
  state: State,
  id: ModelStep,
  { form, mode, models }: ModelScreenState,
): Form | undefined {
  const { newFolder, afterNewFolder } = state.defaults;
  if (!form || id !== 'new-model' || mode !== 'folder' || afterNewFolder === undefined) {
    return undefined;
  }
  if (fromFile(state, id) || fieldValue(form, 'place') !== newFolder) return undefined;
  const spent = [blueModelOf(state), ...rejectedModels(state)].map(
    (model) =>
      models
        ?.find(({ name }) => name === model?.name)
        ?.versions.find(({ version }) => version === model?.version)?.uri ?? '',
  );
  const isSpent = (folder: string): boolean =>
    spent.some((uri) => lastPart(uri) === lastPart(folder));
  if (!isSpent(newFolder)) return undefined;
  const value = isSpent(afterNewFolder) ? '' : afterNewFolder;
  const changed = setField(form, 'place', { value });
  return value === '' ? { ...changed, focus: 0, cursor: 0 } : changed;
}
