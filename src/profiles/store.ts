import { withoutUndefined } from '../common/without-undefined.js';
import { sameName } from '../common/same-name.js';
import { randomUUID } from 'node:crypto';
import type { PlannedNotice } from '../common/notice.js';
import { paths } from './paths.js';
import {
  checkConnection,
  checkProfileName,
  preferencesSchema,
  ProfileError,
  type Preferences,
  type Profile,
  type SavedConnection,
} from './profile.js';
import { lastUsedFirst, type Settings } from './read-settings.js';
import { SettingsFile } from './settings-file.js';

interface NewProfile {
  name: string;
  prod?: boolean;
  connection: SavedConnection;
  notify?: PlannedNotice[];
}

interface ProfilePatch {
  name?: string;
  prod?: boolean;
  /** Replaces the whole connection. */
  connection?: SavedConnection;
  /** Replaces the whole list; an empty one removes it. */
  notify?: PlannedNotice[];
}

/**
 * Saved workspace profiles and preferences. Every call reads the file anew, so that what another
 * terminal saved is seen. What can't be done is a `ProfileError`, whose message is a sentence.
 */
export class ProfileStore {
  readonly #file: SettingsFile;
  readonly #now: () => Date;

  constructor(folder: string = paths().config, now: () => Date = () => new Date()) {
    this.#file = new SettingsFile(folder, now);
    this.#now = now;
  }

  /** Where it is all kept. */
  get path(): string {
    return this.#file.path;
  }

  /** What a person must be told about the file: that it was broken, and where it is kept. */
  get notices(): readonly string[] {
    return this.#file.notices;
  }

  /** Last used first; those never used by their creation. */
  list(): Profile[] {
    return lastUsedFirst(this.#file.read().profiles);
  }

  /** By id, or by name whatever the case. */
  find(idOrName: string): Profile | undefined {
    return seek(this.#file.read(), idOrName);
  }

  add(profile: NewProfile): Profile {
    return this.#file.change((settings) => {
      const added: Profile = {
        id: randomUUID(),
        name: freeName(settings, profile.name),
        prod: profile.prod ?? false,
        createdAt: this.#now().toISOString(),
        connection: checkConnection(profile.connection),
        ...(profile.notify && { notify: profile.notify }),
      };
      settings.profiles.push(added);
      return added;
    });
  }

  edit(idOrName: string, patch: ProfilePatch): Profile {
    return this.#file.change((settings) => {
      const profile = existing(settings, idOrName);
      if (patch.name !== undefined) profile.name = freeName(settings, patch.name, profile.id);
      if (patch.prod !== undefined) profile.prod = patch.prod;
      if (patch.connection !== undefined) profile.connection = checkConnection(patch.connection);
      if (patch.notify?.length === 0) delete profile.notify;
      else if (patch.notify) profile.notify = patch.notify;
      return { ...profile };
    });
  }

  rename(idOrName: string, name: string): Profile {
    return this.edit(idOrName, { name });
  }

  /** Forgets the profile; the workspace, its journals and reports stay. */
  remove(idOrName: string): Profile {
    return this.#file.change((settings) => {
      const profile = existing(settings, idOrName);
      settings.profiles = settings.profiles.filter((one) => one !== profile);
      return profile;
    });
  }

  /** Notes that the profile is used now. */
  touch(idOrName: string): Profile {
    return this.#file.change((settings) => {
      const profile = existing(settings, idOrName);
      profile.lastUsedAt = this.#now().toISOString();
      return { ...profile };
    });
  }

  preferences(): Preferences {
    return this.#file.read().preferences;
  }

  /** Sets what is named and keeps the rest; `undefined` forgets one. */
  setPreferences(patch: { [K in keyof Preferences]: Preferences[K] | undefined }): Preferences {
    return this.#file.change((settings) => {
      const parsed = preferencesSchema.parse({ ...settings.preferences, ...patch });
      settings.preferences = withoutUndefined(parsed);
      return settings.preferences;
    });
  }
}

function seek(settings: Settings, idOrName: string): Profile | undefined {
  const name = idOrName.trim().toLowerCase();
  return (
    settings.profiles.find(({ id }) => id === idOrName) ??
    settings.profiles.find((profile) => profile.name.toLowerCase() === name)
  );
}

function existing(settings: Settings, idOrName: string): Profile {
  const profile = seek(settings, idOrName);
  if (profile !== undefined) return profile;
  const names = settings.profiles.map(({ name }) => JSON.stringify(name)).join(', ');
  throw new ProfileError(
    `There is no profile ${JSON.stringify(idOrName)}. ${names === '' ? 'None is saved yet.' : `Saved profiles: ${names}.`}`,
  );
}

function freeName(settings: Settings, wanted: string, except?: string): string {
  const name = checkProfileName(wanted);
  const taken = settings.profiles.find(
    (profile) => profile.id !== except && sameName(profile.name, name),
  );
  if (taken) {
    throw new ProfileError(
      `A profile named ${JSON.stringify(taken.name)} already exists. Choose another name, or edit that one.`,
    );
  }
  return name;
}
