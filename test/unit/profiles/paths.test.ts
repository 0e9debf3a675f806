import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paths } from '../../../src/profiles/paths.js';

describe.skipIf(process.platform === 'win32')('paths', () => {
  it('are all below AML_ROLLOUT_HOME where it is set', () => {
    const found = paths({ AML_ROLLOUT_HOME: '/data/amlr', XDG_CONFIG_HOME: '/xdg' }, 'linux', '/h');
    for (const path of Object.values(found)) expect(path).toMatch(/^\/data\/amlr(\/|$)/);
    expect(found.sandbox).toBe('/data/amlr/sandbox');
    expect(paths({ AML_ROLLOUT_HOME: 'here' }, 'linux', '/h').state).toBe(resolve('here'));
  });

  it('follow XDG on Linux and ignore what it wants ignored', () => {
    expect(paths({}, 'linux', '/home/ada')).toMatchObject({
      config: '/home/ada/.config/aml-rollout',
      state: '/home/ada/.local/state/aml-rollout',
      journals: '/home/ada/.local/state/aml-rollout/journals',
    });
    expect(
      paths({ XDG_STATE_HOME: '/s', XDG_CONFIG_HOME: 'relative' }, 'linux', '/h'),
    ).toMatchObject({ config: '/h/.config/aml-rollout', state: '/s/aml-rollout' });
  });

  it('are where macOS and Windows keep such files', () => {
    expect(paths({}, 'darwin', '/Users/ada')).toMatchObject({
      config: '/Users/ada/Library/Preferences/aml-rollout',
      state: '/Users/ada/Library/Application Support/aml-rollout',
    });
    expect(paths({ APPDATA: '/r', LOCALAPPDATA: '/l' }, 'win32', '/u')).toMatchObject({
      config: join('/r', 'aml-rollout'),
      state: join('/l', 'aml-rollout'),
    });
  });
});
