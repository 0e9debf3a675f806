import { describe, expect, it } from 'vitest';
import {
  isInteractive,
  prepareEnvironment,
  wantsUpdateNotice,
} from '../../../src/terminal/environment.js';

function prepared(env: Record<string, string>, tty = true): Record<string, string | undefined> {
  const copy: Record<string, string | undefined> = { ...env };
  prepareEnvironment({ stdinIsTty: tty, stdoutIsTty: tty, env: copy });
  return copy;
}

describe('the environment that Ink reads while it is imported', () => {
  it('asks for the production build unless told otherwise', () => {
    expect(prepared({})['NODE_ENV']).toBe('production');
    expect(prepared({ NODE_ENV: 'test' })['NODE_ENV']).toBe('test');
  });

  it('lets Ink draw for a person on a build agent, and only then', () => {
    expect(prepared({ CI: 'true', CONTINUOUS_INTEGRATION: '1' })).toMatchObject({
      CI: 'false',
      CONTINUOUS_INTEGRATION: 'false',
    });
    expect(prepared({ CI: 'true' }, false)['CI']).toBe('true');
    expect(prepared({})).not.toHaveProperty('CI');
  });

  it('tells the colour library what NO_COLOR means', () => {
    expect(prepared({ NO_COLOR: '1', FORCE_COLOR: '3' })['FORCE_COLOR']).toBe('0');
    expect(prepared({ NO_COLOR: '' })).not.toHaveProperty('FORCE_COLOR');
  });

  it('needs a terminal on both sides, and one that can move its cursor', () => {
    const facts = { stdinIsTty: true, stdoutIsTty: true, env: { TERM: 'xterm' } };
    expect(isInteractive(facts)).toBe(true);
    expect(isInteractive({ ...facts, stdinIsTty: false })).toBe(false);
    expect(isInteractive({ ...facts, stdoutIsTty: false })).toBe(false);
    expect(isInteractive({ ...facts, env: { TERM: 'dumb' } })).toBe(false);
  });
});

it.each([
  [{}, true],
  [{ CI: 'false', NO_UPDATE_NOTIFIER: '' }, true],
  [{ CI: 'true' }, false],
  [{ TF_BUILD: 'True' }, false],
  [{ GITHUB_ACTIONS: 'true' }, false],
  [{ NO_UPDATE_NOTIFIER: '1' }, false],
])('a newer version is asked for with %j: %s', (env, asks) => {
  expect(wantsUpdateNotice(env)).toBe(asks);
});
