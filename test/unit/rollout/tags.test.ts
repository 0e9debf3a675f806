import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rolesOf } from '../../../src/rollout/roles.js';
import { sameSplit } from '../../../src/common/split.js';
import { decodeTags, encodeTags, tagChanges, tagsProblem } from '../../../src/rollout/tags.js';
import { deployment, endpoint, snapshot } from './fixtures.js';

const kept = (tags: Record<string, string | null>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags).filter((tag): tag is [string, string] => tag[1] !== null),
  );

describe('the tags of a rollout', () => {
  it('come back as they went, within the limits of Azure, for 20 deployments with long names', () => {
    const name = (index: number) => `deployment-with-a-long-name-${String(index).padStart(4, '0')}`;
    fc.assert(
      fc.property(fc.array(fc.nat(19), { minLength: 100, maxLength: 100 }), (requests) => {
        const start: Record<string, number> = {};
        for (const each of requests) start[name(each)] = (start[name(each)] ?? 0) + 1;
        const tags = encodeTags({ rolloutId: 'r', roles: { blue: name(0) }, start });
        expect(tagsProblem(tags)).toBeUndefined();
        const back = decodeTags(kept(tags));
        expect(back.start && sameSplit(back.start, start)).toBe(true);
        expect(back.roles).toEqual({ blue: name(0) });
      }),
    );
  });

  it('say that nothing was live at the start', () => {
    expect(decodeTags(kept(encodeTags({ roles: {}, start: {} }))).start).toEqual({});
  });

  it('are not taken from tags that someone edited into nonsense', () => {
    const tags = { 'amlr-start': 'default=90', 'amlr-blue-instances': '-2', 'amlr-owner': '' };
    expect(decodeTags(tags)).toEqual({ roles: {} });
  });

  it('tell of instances in plain digits alone, and of no more than a deployment can have', () => {
    const read = (text: string) => decodeTags({ 'amlr-blue-instances': text }).blueInstances;
    for (const text of ['1e3', '1e1', '0x10', ' 5 ', '+5', '5.0', '05', '0', '51', '\u0665', '5\n'])
      expect(read(text), text).toBeUndefined();
    expect(['1', '9', '49', '50'].map(read)).toEqual([1, 9, 49, 50]);
  });

  it('are one line each, whoever wrote them', () => {
    const owner = 'ada\u202e\n  Resume it: \x1b[1msudo rm\r\u2028x';
    expect(decodeTags({ 'amlr-owner': owner }).owner).toBe('ada Resume it: sudo rm x');
  });

  it('only change what differs', () => {
    const there = { team: 'x', 'amlr-rollout': 'r', 'amlr-owner': 'ada' };
    expect(tagChanges(encodeTags({ rolloutId: 'r', roles: {} }), there)).toEqual({
      'amlr-owner': null,
    });
  });
});

describe('roles', () => {
  const two = [deployment('default'), deployment('x-8')];

  it('ask when several are live and nothing tells', () => {
    const found = rolesOf(snapshot(endpoint({ default: 60, 'x-8': 40 }), two));
    expect(found).toMatchObject({ source: 'ask', live: ['default', 'x-8'], roles: {} });
  });

  it('take the one deployment that stands there, and ask which of several, when none is live', () => {
    expect(rolesOf(snapshot(endpoint({}), two.slice(0, 1)))).toMatchObject({
      source: 'inferred',
      roles: { blue: 'default' },
    });
    expect(rolesOf(snapshot(endpoint({}), two))).toMatchObject({
      source: 'ask',
      roles: {},
      live: [],
    });
  });

  it('offer a deployment without traffic for green, but do not take it', () => {
    const found = rolesOf(snapshot(endpoint({ default: 100 }), two));
    expect(found).toMatchObject({ source: 'inferred', roles: { blue: 'default' }, idle: ['x-8'] });
  });

  it('ignore tags whose deployments are all gone', () => {
    const tags = kept(encodeTags({ rolloutId: 'r', roles: { blue: 'gone', green: 'away' } }));
    const found = rolesOf(snapshot(endpoint({ default: 100 }, { tags }), two));
    expect(found).toMatchObject({ source: 'inferred', roles: { blue: 'default' } });
  });
});
