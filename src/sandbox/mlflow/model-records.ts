/** Registered models and their versions as MLflow shows them. */
import { wireTime } from '../arm/errors.js';
import { type ModelRecord, type ModelVersionRecord, own } from '../model.js';
import { type MlflowCall, asPairs, missing, required } from './call.js';

/** The stage of a version that was given none. */
export const NO_STAGE = 'None';

export function modelRecord(call: MlflowCall): ModelRecord {
  const name = required(call, 'name');
  const record = own(call.context.state.models, name.toLowerCase());
  if (record === undefined) throw missing(`Registered Model with name=${name} not found`);
  return record;
}

export function touch(call: MlflowCall, record: Pick<ModelRecord, 'systemData'>): void {
  record.systemData.lastModifiedAt = wireTime(call.context.clock.now());
  record.systemData.lastModifiedBy = call.caller.name;
  call.context.save();
}

export function findVersion(call: MlflowCall): ModelVersionRecord {
  const model = modelRecord(call);
  const version = required(call, 'version');
  const record = own(model.versions, version);
  if (record === undefined)
    throw missing(`Model Version (name=${model.name}, version=${version}) not found`);
  return record;
}

export function registeredModelBody(record: ModelRecord): unknown {
  const newest = new Map<string, ModelVersionRecord>();
  for (const version of versionsOf(record)) newest.set(version.stage ?? NO_STAGE, version);
  return {
    name: record.name,
    creation_timestamp: Date.parse(record.systemData.createdAt),
    last_updated_timestamp: Date.parse(record.systemData.lastModifiedAt),
    user_id: record.systemData.createdBy,
    ...(record.description === null ? {} : { description: record.description }),
    latest_versions: [...newest.values()].map(modelVersionBody),
    tags: asPairs(record.tags),
  };
}

export function modelVersionBody(record: ModelVersionRecord): unknown {
  return {
    name: record.name,
    version: record.version,
    creation_timestamp: Date.parse(record.systemData.createdAt),
    last_updated_timestamp: Date.parse(record.systemData.lastModifiedAt),
    user_id: record.systemData.createdBy,
    current_stage: record.stage ?? NO_STAGE,
    ...(record.description === null ? {} : { description: record.description }),
    source: record.modelUri,
    ...(record.jobName === null ? {} : { run_id: record.jobName }),
    status: 'READY',
    tags: asPairs(record.tags),
  };
}

/** Oldest first; what is archived or anonymous is not shown. */
export function versionsOf(record: ModelRecord): ModelVersionRecord[] {
  return Object.values(record.versions)
    .filter(({ isArchived, isAnonymous }) => !isArchived && !isAnonymous)
    .toSorted(
      (a, b) =>
        a.systemData.createdAt.localeCompare(b.systemData.createdAt) ||
        a.version.localeCompare(b.version, 'en', { numeric: true }),
    );
}
