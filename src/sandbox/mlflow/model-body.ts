/** Registered models as MLflow writes them; the records are those of ARM. */
import type { ModelRecord, ModelVersionRecord } from '../model.js';
import { asPairs } from './call.js';

/** The stage of a version that was given none. */
export const NO_STAGE = 'None';

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
