/** The plan's models: found among what is registered, or registered from their folder. */
import { parseModel, registryModel } from '../../common/model-ref.js';
import { resolve } from 'node:path';
import type { ModelVersion, Workspace } from '../../azure/types.js';
import { readModelFolder } from '../../sampling/model-folder.js';
import type { RegisterModel } from '../changes/change.js';
import { findDeployment, seenVersion } from '../changes/conditions.js';
import { samePlace } from '../model-source.js';
import { LATEST, type Plan, type PlannedModel } from '../plan.js';
import type { ModelChoice } from '../journal/entry.js';
import type { Snapshot } from '../snapshot.js';
import type { MoveContext } from './context.js';
import { end } from './events.js';

/**
 * What was the latest version when the deployment was made stays what the plan means: a version
 * that came since is for the next rollout.
 * @param standing the model of the deployment, where it is there already
 */
export function pinned(planned: PlannedModel, standing: string | undefined): PlannedModel {
  const { name, version } = parseModel(standing ?? '') ?? {};
  return planned.version === LATEST && version !== undefined && name === planned.name
    ? { ...planned, version }
    : planned;
}

type FoundModel = { version: ModelVersion; why: string } | { register: RegisterModel };

/**
 * A version with the same content is adopted, so that running a plan twice registers once. The
 * folder is uploaded to find out; uploads are named by their content, and change nothing.
 * @param folder relative paths are read from here
 * @param served ARM id of the version that the plan's deployment serves already: of several with
 * the same content it is the one
 */
export async function findModel(
  planned: PlannedModel,
  workspace: Workspace,
  folder: string,
  signal?: AbortSignal,
  served?: string,
): Promise<FoundModel> {
  const { name, version, path, uri } = planned;
  if (uri !== undefined && parseModel(uri)) {
    const served = { id: uri, name, version: version ?? '', type: 'mlflow_model', uri };
    return { version: { ...served, tags: {}, flavors: [] }, why: 'it is served from its registry' };
  }
  if (isRegistered(planned)) return registered(planned, workspace, signal);
  const read = path === undefined ? undefined : await readModelFolder(resolve(folder, path));
  const [uploaded, container] = await Promise.all([
    read && workspace.uploadFolder(read.path, name, undefined, signal),
    workspace.modelContainer(name, signal),
  ]);
  const place = uploaded?.uri ?? uri ?? '';
  const registeredAs =
    uploaded?.registeredAs?.name === name ? uploaded.registeredAs.version : undefined;
  const known = container
    ? await knownVersions(workspace, name, [version, served, registeredAs], signal)
    : [];
  const same = known.find(
    (each) => samePlace(each.uri, place) && (version === undefined || each.version === version),
  );
  if (same) return { version: same, why: 'same content' };
  if (version !== undefined && known.some((each) => each.version === version)) {
    throw end(
      'refused',
      `Version ${version ?? ''} of model ${name} is already registered with different content. Choose another version, or omit it for the next free one.`,
    );
  }
  const { description, tags } = planned;
  return {
    register: {
      kind: 'registerModel',
      model: name,
      version: version ?? container?.nextVersion ?? '1',
      ...(read ? { folder: read.path, flavors: read.model.flavorData } : { uri: uri ?? '' }),
      ...(description !== undefined && { description }),
      ...(tags && { tags }),
    },
  };
}

/** In a sentence. */
const NEWEST_SHOWN = 10;

/** Of a model with thousands of versions, as many as one request brings. */
const NEWEST = 100;

/**
 * Where the content may be registered already: the version that the plan names, or else the one
 * that is served, the one that the upload was last registered as, and the newest.
 */
async function knownVersions(
  workspace: Workspace,
  model: string,
  [planned, served, registeredAs]: (string | undefined)[],
  signal?: AbortSignal,
): Promise<ModelVersion[]> {
  const get = (version: string | undefined) =>
    version === undefined ? undefined : workspace.getModelVersion(model, version, signal);
  if (planned !== undefined) {
    const found = await get(planned);
    return found ? [found] : [];
  }
  const { name, version } = parseModel(served ?? '') ?? {};
  const first = await Promise.all([get(name === model ? version : undefined), get(registeredAs)]);
  const newest = await workspace.listModelVersions(model, signal, NEWEST);
  return [...first.filter((each) => each !== undefined), ...newest];
}

const isRegistered = ({ path, uri }: PlannedModel): boolean =>
  path === undefined && uri === undefined;

/**
 * A version that is not there is refused before anything is made, not minutes later. What a
 * deployment serves already is not looked for, nor blue's where something else serves.
 */
export async function checkRegistered(
  { blue, green }: Plan,
  now: Snapshot,
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<void> {
  const wanted = now.deployments.length === 0 ? [blue, green] : [green];
  for (const planned of wanted) {
    if (!planned || findDeployment(now, planned.name)) continue;
    // Blue's may be the first of its name, and green's the newest of it.
    const comes =
      planned === green && blue?.model.name === green.model.name && !isRegistered(blue.model);
    if (isRegistered(planned.model) && !comes) {
      await registered(planned.model, workspace, signal);
    }
  }
}

async function registered(
  { name, version }: PlannedModel,
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<FoundModel> {
  if (version === LATEST) {
    const [newest] = await workspace.listModelVersions(name, signal, 1);
    if (newest) return { version: newest, why: 'registered last' };
  } else {
    const found = await workspace.getModelVersion(name, version ?? '', signal);
    if (found) return { version: found, why: 'registered' };
  }
  const newest = await workspace.listModelVersions(name, signal, NEWEST_SHOWN);
  const others = newest.map((each) => each.version);
  throw end(
    'refused',
    others.length === 0
      ? `The workspace has no model ${name}: none of its versions is registered.`
      : `The workspace has no version ${version ?? ''} of model ${name}. ${others.length < NEWEST_SHOWN ? 'It has' : 'The newest are'}: ${others.join(', ')}.`,
  );
}

/**
 * ARM id of the planned version: of one that is registered with the same content, else of a new
 * one. The choice is kept, and told.
 * @param beforeRegistering throws where a new version is of no use
 */
export async function registeredModel(
  context: MoveContext,
  planned: PlannedModel,
  role: 'blue' | 'green',
  beforeRegistering: () => void = () => {},
): Promise<string> {
  const { engine, plan, signal, emit } = context;
  const served = context.now.deployments.find(({ name }) => name === plan[role]?.name)?.model;
  const found = await findModel(planned, engine.workspace, context.options.folder, signal, served);
  const { name } = planned;
  const choice = role === 'green' ? 'newModel' : 'blueModel';
  const choose = (version: string, from?: Pick<ModelChoice, 'folder' | 'id'>): void => {
    const known = engine.view.choice[choice];
    if (known?.name === name && known.version === version) return;
    engine.choose({ [choice]: { name, version, ...from } });
  };
  if ('version' in found) {
    const { version, id } = found.version;
    choose(version, registryModel(id) && { id });
    const message = `Model ${name} version ${version} is used: ${found.why}.`;
    emit({ event: 'adopted', what: `${name}:${version}`, message });
    return id;
  }
  const { register } = found;
  beforeRegistering();
  choose(register.version, { folder: register.folder });
  const { snapshot } = await context.run(register);
  return seenVersion(snapshot, name, register.version)?.id ?? '';
}
