/** The model that a form names: what it is, how it is registered, and why Enter may not take it. */
import type { JobModel, ModelVersion } from '../../azure/types.js';
import { registryModelId } from '../../common/model-ref.js';
import type { RegisterModel } from '../../rollout/changes/change.js';
import { parseModelSource } from '../../rollout/model-source.js';
import { nameProblem } from '../../rollout/names.js';
import { diffSignatures } from '../../sampling/signature.js';
import type { ModelLook } from '../effects/models.js';
import { fieldValue, type Form } from '../form.js';
import type { ScreenState } from '../step.js';

export type ModelSubject =
  | { kind: 'version'; model: string; version: string }
  | { kind: 'folder'; model: string; folder: string }
  | { kind: 'uri'; model: string; uri: string }
  /** Served from its registry; nothing is registered. */
  | { kind: 'registry'; model: string; version: string; id: string };

export interface ModelScreenState extends ScreenState {
  mode: 'list' | 'folder' | 'uri' | 'review';
  models?: { name: string; versions: ModelVersion[] }[];
  jobs?: JobModel[];
  form?: Form;
  /** What is reviewed: a registered version, a folder, or a place Azure can read. */
  subject?: ModelSubject;
  look?: ModelLook;
  /** Why there is no look before it is registered. */
  unread?: string;
  /** The model that serves now, to compare signatures with. */
  liveLook?: ModelLook;
}

/** A field of the form, and what is wrong with it. */
interface WrongField {
  field: 'place' | 'name';
  sentence: string;
}

export function subjectOf(
  form: Form,
  mode: 'folder' | 'uri',
  models: ModelScreenState['models'],
): ModelSubject | WrongField {
  const place = fieldValue(form, 'place');
  const model = fieldValue(form, 'name');
  if (mode === 'uri' && place !== '') return placed(place, model, models);
  const problem = nameProblem('model', model);
  if (problem !== undefined) return { field: 'name', sentence: problem };
  return place === ''
    ? { field: 'place', sentence: `Type the ${mode === 'folder' ? 'folder' : 'uri'} of the model.` }
    : { kind: 'folder', model, folder: place };
}

/** Anything that a person can name a model by: only a new place needs a name to register it as. */
function placed(
  place: string,
  model: string,
  models: ModelScreenState['models'],
): ModelSubject | WrongField {
  const source = parseModelSource(place);
  if (typeof source === 'string') return { field: 'place', sentence: source };
  if (source.from === 'registry') {
    const { name, version } = source;
    return { kind: 'registry', model: name, version, id: registryModelId(source) };
  }
  if (source.from === 'uri') {
    const problem = nameProblem('model', model);
    return problem === undefined
      ? { kind: 'uri', model, uri: source.uri }
      : { field: 'name', sentence: problem };
  }
  const versions = models?.find(({ name }) => name === source.name)?.versions;
  const version = source.version ?? versions?.[0]?.version;
  return version === undefined
    ? { field: 'place', sentence: `No version of ${source.name} is registered in this workspace.` }
    : { kind: 'version', model: source.name, version };
}

/** `undefined` for what is registered already, or served from its registry. */
export function registration(
  { subject, look }: ModelScreenState,
  version: string,
): RegisterModel | undefined {
  if (!subject || subject.kind === 'version' || subject.kind === 'registry') return undefined;
  return {
    kind: 'registerModel',
    model: subject.model,
    version,
    ...(subject.kind === 'folder'
      ? { folder: look?.folder ?? subject.folder }
      : { uri: subject.uri }),
    ...(look && { flavors: look.flavorData }),
  };
}

/** Why Enter does not take this model, before a deployment is paid for. */
export function standsInTheWay({ look, liveLook }: ModelScreenState): string | undefined {
  if (look?.findings.some((finding) => finding.level === 'error')) {
    return 'The findings include an error: fix it and read again, or press o to override.';
  }
  return look && liveLook && diffSignatures(liveLook.signature, look.signature).breaks
    ? "Callers of blue's model would fail on this one. Choose another, or press o to override."
    : undefined;
}
