import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { makeFolder, PRIVATE } from '../common/make-folder.js';
import Conf from 'conf';
import { withFileLock } from './file-lock.js';
import { settingsPath } from './paths.js';
import { ProfileError, type Preferences, type Profile } from './profile.js';
import { readSettings, SETTINGS_VERSION, type Reading, type Settings } from './read-settings.js';

interface Stored extends Record<string, unknown> {
  schemaVersion: number;
  profiles: Profile[];
  preferences: Preferences;
}

/**
 * The one file that profiles and preferences live in, written whole and atomically (mode 0600).
 * What can't be read of it is kept aside, never lost, and said in `notices`.
 */
export class SettingsFile {
  readonly path: string;
  readonly notices: string[] = [];
  readonly #folder: string;
  readonly #now: () => Date;

  constructor(folder: string, now: () => Date = () => new Date()) {
    this.#folder = folder;
    this.#now = now;
    this.path = settingsPath(folder);
  }

  /** What the file says now; another process may have written it. */
  read(): Settings {
    const reading = readSettings(this.path);
    if (reading.problem === 'newer' || reading.problem === 'unreadable') {
      this.#say(this.#sentence(reading));
    } else if (reading.problem !== undefined) {
      // Under the lock, so that of two processes only one keeps the file aside.
      return this.#locked(() => this.#repaired());
    }
    return reading;
  }

  /** Changes what the file says; `work` gets it as it is now and may throw to leave it so. */
  change<T>(work: (settings: Settings) => T): T {
    return this.#locked(() => {
      const settings = this.#repaired();
      const result = work(settings);
      this.#write(settings);
      return result;
    });
  }

  #repaired(): Settings {
    const reading = readSettings(this.path);
    if (reading.problem === undefined) return reading;
    if (reading.problem === 'newer' || reading.problem === 'unreadable') {
      throw new ProfileError(this.#sentence(reading));
    }
    const aside = this.#asidePath();
    if (reading.problem === 'not JSON') renameSync(this.path, aside);
    else {
      copyFileSync(this.path, aside);
      this.#write(reading);
    }
    this.#say(this.#sentence(reading, aside));
    return reading;
  }

  #write(settings: Settings): void {
    const { profiles, preferences } = settings;
    makeFolder(this.#folder, PRIVATE);
    // Conf replaces the file in one step, so that it is never half written.
    const conf = new Conf<Stored>({
      cwd: this.#folder,
      configName: 'config',
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      clearInvalidConfig: true,
    });
    conf.store = { schemaVersion: SETTINGS_VERSION, profiles, preferences };
  }

  #locked<T>(work: () => T): T {
    try {
      return withFileLock(`${this.path}.lock`, work);
    } catch (error) {
      if (error instanceof ProfileError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      const why =
        code === 'ELOCKED'
          ? 'another aml-rollout is writing it; try again'
          : `${code}; check its permissions`;
      throw new ProfileError(`Profiles can't be saved in ${this.path}: ${why}.`);
    }
  }

  #asidePath(): string {
    const stamp = this.#now().toISOString().slice(0, 19).replaceAll(':', '-');
    const path = `${this.path}.broken-${stamp}`;
    for (let count = 1; ; count += 1) {
      const free = count === 1 ? path : `${path}-${count}`;
      if (!existsSync(free)) return free;
    }
  }

  #sentence(reading: Reading, aside = ''): string {
    switch (reading.problem) {
      case 'newer':
        return `${this.path} was written by a newer aml-rollout and is only read. Update this program to change profiles.`;
      case 'unreadable':
        return `${this.path} can't be read, so no saved profile is shown. Check its permissions.`;
      case 'entries':
        return `${entries(reading.dropped)} of ${this.path} could not be read and ${reading.dropped === 1 ? 'was' : 'were'} left out. The file as it was is kept as ${aside}.`;
      default:
        return `${this.path} was not valid JSON, so profiles start empty. It is kept as ${aside}.`;
    }
  }

  #say(notice: string): void {
    if (!this.notices.includes(notice)) this.notices.push(notice);
  }
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}
