import { describe, expect, it } from 'vitest';
import { coresCounted, vmSize } from '../../../src/sandbox/arm/compute.js';
import { parseMetricFilter } from '../../../src/sandbox/arm/metrics-filter.js';
import { knowsMember } from '../../../src/sandbox/arm/bodies.js';
import { durationMs } from '../../../src/sandbox/arm/rules.js';
import { FaultList, parseFault } from '../../../src/sandbox/faults.js';

describe('durations', () => {
  it.each([
    ['PT5S', 5_000],
    ['PT0.5S', 500],
    ['PT1M30S', 90_000],
    ['P1DT1H', 90_000_000],
    ['PT0S', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['5000', 'PT', 'P', 'PT5', '5S', 'PT-5S', ''])('refuses %j', (text) => {
    expect(durationMs(text)).toBeUndefined();
  });
});

describe('cores', () => {
  it.each([
    ['Standard_F4s_v2', 1, 8],
    ['Standard_DS3_v2', 3, 16],
    ['standard_ds3_V2', 5, 24],
    ['Standard_NC24ads_A100_v4', 2, 48],
  ])('%s x %i need %i', (name, instances, cores) => {
    const size = vmSize(name);
    expect(size && coresCounted(size, instances)).toBe(cores);
  });
});

describe('the filter of metrics', () => {
  const green = { deployment: 'green', statuscodeclass: '5xx' };

  it.each([
    ["deployment eq 'green' and statusCodeClass ne '2xx'", true],
    ["deployment eq 'blue' and statusCodeClass ne '2xx'", false],
    ["deployment eq 'blue' or deployment eq 'GREEN'", true],
    ["deployment eq '*'", true],
    ["statusCodeClass ne '5xx'", false],
    ['', true],
  ])('%s', (text, matches) => {
    expect(parseMetricFilter(text).matches(green)).toBe(matches);
  });

  it('refuses what it cannot read', () => {
    expect(() => parseMetricFilter('deployment = green')).toThrow(/not valid/);
  });
});

describe('members by api-version', () => {
  it.each([
    ['mirrorTraffic', '2022-10-01', false],
    ['mirrorTraffic', '2022-02-01-preview', true],
    ['mirrorTraffic', '2022-05-01', false],
    ['mirrorTraffic', '2022-01-01-preview', false],
    ['mirrorTraffic', '2022-10-01-preview', true],
    ['mirrorTraffic', '2023-04-01', true],
    ['mirrorTraffic', '2023-04-01-preview', true],
    ['mirrorTraffic', '2025-12-01', true],
    ['privateNetworkConnection', '2022-02-01-preview', true],
    ['privateNetworkConnection', '2022-05-01', false],
    ['privateNetworkConnection', '2022-10-01-preview', false],
    ['privateNetworkConnection', '2025-12-01', false],
    ['egressPublicNetworkAccess', '2022-02-01-preview', true],
    ['egressPublicNetworkAccess', '2022-05-01', false],
    ['publicNetworkAccess', '2022-10-01', true],
    ['instanceType', '2022-05-01', true],
  ])('%s at %s: %s', (member, version, known) => {
    expect(knowsMember(version, member)).toBe(known);
  });
});

describe('faults', () => {
  it('strike as often as asked, and only where they match', () => {
    const faults = new FaultList();
    faults.add({
      match: { method: 'put', path: '/deployments/', deployment: 'Green' },
      times: 2,
      action: { quota: true },
    });
    const target = { method: 'PUT', path: '/x/deployments/green', deployment: 'green' };
    expect(faults.take(['status'], target)).toBeUndefined();
    expect(faults.take(['quota'], { ...target, method: 'GET' })).toBeUndefined();
    expect(faults.take(['quota'], { path: target.path, deployment: 'green' })).toBeUndefined();
    expect(faults.take(['quota'], { ...target, deployment: 'blue' })).toBeUndefined();
    expect(faults.take(['quota'], target)).toEqual({ quota: true });
    expect(faults.take(['quota'], target)).toEqual({ quota: true });
    expect(faults.take(['quota'], target)).toBeUndefined();
  });

  it.each([
    [null, 'A fault is a JSON object.'],
    [{ action: {} }, '"action" must hold one of'],
    [{ action: { drop: true }, times: 0 }, '"times" must be'],
    [{ action: { drop: true }, match: { path: '(' } }, 'not a regular expression'],
    [{ action: { drop: true }, match: { host: 'x' } }, 'not "host"'],
  ])('says what is wrong with %j', (body, sentence) => {
    expect(parseFault(body)).toContain(sentence);
  });

  it('may leave out match and times', () => {
    expect(parseFault({ action: { status: 429 } })).toEqual({
      match: {},
      times: 1,
      action: { status: 429 },
    });
  });
});
