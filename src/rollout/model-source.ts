/** The places a model can come from, as a person or a file names them. */
import { latestOf, registryModel, workspaceModel } from '../common/model-ref.js';
import { nameProblem } from './names.js';

type ModelSource =
  /** A registered version of this workspace; without `version` its newest. */
  | { from: 'registered'; name: string; version?: string }
  /** Used where it is: nothing is registered. */
  | { from: 'registry'; registry: string; name: string; version: string }
  /** Registered from where Azure can read it already. */
  | { from: 'uri'; uri: string };

const REGISTRY =
  /^azureml:\/\/registries\/[^/]+\/models\/[^/]+(?:\/(?:versions|labels)\/[^/]+)?\/?$/i;
/** azure-ai-ml `constants/_common.py`, and Microsoft Learn, "Work with registered models". */
const PLACES: readonly RegExp[] = [
  /^azureml:\/\/jobs\/[^/]+\/outputs\/[^/]+(?:\/.+)?$/i,
  /^azureml:\/\/datastores\/[^/]+\/paths\/.+$/i,
  /^azureml:\/\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/(?:providers\/[^/]+\/)?workspaces\/[^/]+\/datastores\/[^/]+\/paths\/.+$/i,
  /^runs:\/+[^/\s]+\/.+$/i,
];

const SOURCE_EXAMPLES =
  'azureml:NAME:3, azureml:NAME@latest, azureml://jobs/JOB/outputs/artifacts/paths/model, runs:/RUN/model or azureml://registries/R/models/NAME/versions/3';

/** A sentence where it is none of the places that Azure ML reads models from. */
export function parseModelSource(text: string): ModelSource | string {
  const place = text.trim();
  const latest = latestOf(place);
  if (latest !== undefined) return named({ from: 'registered', name: latest });
  if (REGISTRY.test(place)) {
    const found = registryModel(place);
    return found
      ? { from: 'registry', ...found }
      : `${place} names no version. End it with /versions/ and the version that the deployment should serve.`;
  }
  const found = /^azureml:[^/]/i.test(place) ? workspaceModel(place) : undefined;
  if (found) return named({ from: 'registered', name: found.name, version: found.version });
  if (PLACES.some((each) => each.test(place))) {
    const problem = uriProblem(place);
    return problem ?? { from: 'uri', uri: place };
  }
  if (/^(?:https?|wasbs?|abfss?|dbfs|s3|gs|models):/i.test(place)) {
    return `Azure ML does not register an MLflow model from ${place.slice(0, place.indexOf(':'))}: write ${SOURCE_EXAMPLES}.`;
  }
  return `${JSON.stringify(place.length > 60 ? `${place.slice(0, 59)}…` : place)} is not the URI of a model: use ${SOURCE_EXAMPLES}.`;
}

function named(source: Extract<ModelSource, { from: 'registered' }>): ModelSource | string {
  return nameProblem('model', source.name) ?? source;
}

/** Both would be accepted, and fail minutes later. */
function uriProblem(uri: string): string | undefined {
  if (/[?#\s]/.test(uri))
    return `${uri} has a space, "?" or "#" in it, which the path of a model cannot contain.`;
  if (/\/MLmodel\/?$/.test(uri)) return 'Name the folder of the model, without MLmodel at its end.';
  return undefined;
}

/**
 * Do two uris name the same files? The service keeps the place in a datastore of whatever it was
 * given: a run's artifact, a job's, or a place in short.
 */
export const samePlace = (a: string, b: string): boolean => placeKey(a) === placeKey(b);

const DATASTORE = /\/datastores\/([^/]+)\/(?:paths\/)?(.+?)\/?$/i;
const ARTIFACT =
  /^(?:runs:\/+([^/]+)|azureml:\/\/jobs\/([^/]+)\/outputs\/artifacts(?:\/paths)?)\/(.+?)\/?$/i;

function placeKey(uri: string): string {
  const [, run, job, path] = ARTIFACT.exec(uri) ?? [];
  if (path !== undefined) {
    return `workspaceartifactstore/experimentrun/dcid.${run ?? job ?? ''}/${path}`.toLowerCase();
  }
  const [, datastore, inside] = DATASTORE.exec(uri) ?? [];
  return (datastore === undefined ? uri : `${datastore}/${inside ?? ''}`).toLowerCase();
}
