import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

const APP = 'aml-rollout';

/** Folders of this program. None is created by asking for it. */
export interface Paths {
  /** Profiles and preferences. */
  config: string;
  /** What must outlive a run: everything below is in it. */
  state: string;
  /** One JSON-lines file per rollout. */
  journals: string;
  reports: string;
  /** The local workspace's disk. */
  sandbox: string;
  logs: string;
  /** Compiled code, which may be deleted at any time. */
  compiled: string;
  /** Its age is that of the last question for a newer version. */
  updateAsked: string;
}

type Environment = Record<string, string | undefined>;

/**
 * `AML_ROLLOUT_HOME` holds everything where it is set; else the places where each system wants
 * such files (XDG Base Directory Specification, `~/Library`, `%APPDATA%`).
 */
export function paths(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): Paths {
  const own = env['AML_ROLLOUT_HOME'];
  const { config, state, cache } = own
    ? { config: join(resolve(own), 'config'), state: resolve(own), cache: resolve(own) }
    : systemFolders(env, platform, home);
  return {
    config,
    state,
    journals: join(state, 'journals'),
    reports: join(state, 'reports'),
    sandbox: join(state, 'sandbox'),
    logs: join(state, 'logs'),
    compiled: join(cache, 'compiled'),
    updateAsked: join(cache, 'update-asked'),
  };
}

function systemFolders(
  env: Environment,
  platform: NodeJS.Platform,
  home: string,
): { config: string; state: string; cache: string } {
  if (platform === 'win32') {
    const appData = env['APPDATA'] || join(home, 'AppData', 'Roaming');
    const localAppData = env['LOCALAPPDATA'] || join(home, 'AppData', 'Local');
    const state = join(localAppData, APP);
    return { config: join(appData, APP), state, cache: state };
  }
  if (platform === 'darwin') {
    const library = join(home, 'Library');
    return {
      config: join(library, 'Preferences', APP),
      state: join(library, 'Application Support', APP),
      cache: join(library, 'Caches', APP),
    };
  }
  return {
    config: join(xdg(env['XDG_CONFIG_HOME']) ?? join(home, '.config'), APP),
    state: join(xdg(env['XDG_STATE_HOME']) ?? join(home, '.local', 'state'), APP),
    cache: join(xdg(env['XDG_CACHE_HOME']) ?? join(home, '.cache'), APP),
  };
}

/** The specification wants relative paths ignored. */
function xdg(path: string | undefined): string | undefined {
  return path && isAbsolute(path) ? path : undefined;
}

/** In the folder `config`. */
export const settingsPath = (folder: string): string => join(folder, 'config.json');
