/** Registered models, and the files of models and data. */
import type { StoredFile } from '../../common/stored-file.js';

export interface ModelVersion {
  id: string;
  name: string;
  version: string;
  type: string;
  /** `azureml://.../paths/LocalUpload/<hash>/<folder>` */
  uri: string;
  description?: string;
  tags: Record<string, string>;
  flavors: string[];
  createdAt?: string;
}

/** A model that a job logged or wrote, not registered yet. */
export interface JobModel {
  job: string;
  displayName?: string;
  /** `azureml://jobs/<job>/outputs/...` */
  uri: string;
  createdAt?: string;
}

/** What packaging a model makes; a deployment takes it in place of the model. */
export interface PackagedEnvironment {
  id: string;
  name: string;
  version: string;
  provisioningState?: string;
}

/** How the default datastore signs requests; `identity`: each person's own sign-in has to do. */
export interface DatastoreAccess {
  name: string;
  account: string;
  credentials: 'account-key' | 'sas' | 'identity' | 'service-principal';
}

/** `undefined` from `Workspace.modelContainer` means that no such model exists yet. */
export interface ModelContainer {
  name: string;
  latestVersion?: string;
  nextVersion: string;
}

export interface UploadProgress {
  sentBytes: number;
  totalBytes: number;
  sentFiles: number;
  totalFiles: number;
}

export interface UploadedFolder {
  /** `azureml://` uri for a model version. */
  uri: string;
  /** The official client's content hash of the folder. */
  hash: string;
  /** The same content was there already; nothing was sent. */
  alreadyThere: boolean;
  /** The version that this content was last registered as, where its upload says so. */
  registeredAs?: { name: string; version: string };
  totalBytes: number;
  totalFiles: number;
}

export interface StoredFiles {
  /** Finds the same ones again: `azureml:NAME:VERSION` where a label was asked for. */
  path: string;
  files: StoredFile[];
}
