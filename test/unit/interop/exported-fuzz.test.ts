/**
 * Names and values come from the service, and an exported file is run by somebody: whatever they
 * hold, nothing of it runs, and what the tool is told is what was meant.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { codeFiles, type ExportedFile } from '../../../src/interop/export.js';
import { loadTestFiles } from '../../../src/interop/load-test.js';
import { LANGUAGES } from '../../../src/interop/languages/index.js';
import { codeText } from '../../../src/interop/languages/language.js';
import { yamlText } from '../../../src/interop/yaml-text.js';
import type { Change } from '../../../src/rollout/changes/change.js';
import { context, makeDeployment, makeEndpoint } from './changes.js';
import {
  CALLS_AND_TEXTS,
  EXPECTED_CALLS,
  FAKE_AZ,
  has,
  hostile,
  inPython,
  runShell,
  why,
} from './exported-code.js';

const records = fc.dictionary(hostile, hostile, { maxKeys: 3 });

const cases = fc.record({
  name: fc.oneof(hostile, fc.constant('heart')),
  deployment: fc.oneof(hostile, fc.constant('x-8')),
  model: hostile,
  version: hostile,
  folder: hostile,
  description: hostile,
  tags: records,
  variables: records,
  visible: fc.boolean(),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function changesOf(each: Case): Change[] {
  const { name: endpoint, deployment, model, version, folder, description, tags } = each;
  const spec = {
    ...makeDeployment.spec,
    model: `/subscriptions/s/models/${model}/versions/${version}`,
    instanceType: description,
    description,
    tags,
    properties: tags,
    environmentVariables: each.variables,
  };
  const split = { default: 90, [deployment]: 10 };
  const at = { endpoint, deployment };
  return [
    { kind: 'registerModel', model, version, folder, description, tags },
    { ...makeEndpoint, endpoint, description, tags, properties: tags },
    { kind: 'packageModel', model, version, environment: model, environmentVersion: version },
    { kind: 'createDeployment', role: 'green', ...at, spec },
    { kind: 'setTraffic', endpoint, from: {}, to: split, tags, why: 'advance' },
    { kind: 'setMirror', endpoint, from: split, to: { [deployment]: 10 } },
    { kind: 'scaleDeployment', ...at, from: 1, to: 2 },
    { kind: 'copyAutoscale', ...at, source: description, setting: description, most: 2 },
    { kind: 'deleteAutoscale', ...at, setting: description },
    { kind: 'deleteDeployment', ...at },
    { kind: 'deleteEndpoint', endpoint },
  ];
}

function filesOf(each: Case): ExportedFile[] {
  const visible = each.visible ? Object.keys(each.variables) : [];
  return codeFiles(changesOf(each), context, { visible });
}

/** Generated beforehand, so that one process can check the files of all of them. */
const samples = fc.sample(cases, { numRuns: 80, seed: 4711 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aml-rollout-fuzz-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The word after an option, or behind its `=`. */
const option = (call: readonly string[], name: string): string | undefined => {
  const at = call.findIndex((word) => word === name || word.startsWith(`${name}=`));
  return call[at] === name ? call[at + 1] : call[at]?.slice(name.length + 1);
};

describe('what is exported', () => {
  it('runs nothing in a shell, and tells az what was meant', () => {
    writeFileSync(join(folder, 'az'), FAKE_AZ, { mode: 0o755 });
    const work = mkdtempSync(join(folder, 'work-'));
    let registered = 0;
    for (const each of samples) {
      const files = filesOf(each);
      for (const file of files) writeFileSync(join(work, file.name), file.text);
      const script = files.find(({ name }) => name === 'rollout.sh')!.text;
      const calls = runShell(script.replace('cd "$(dirname "$0")"', ''), work, folder);
      expect(readdirSync(work)).not.toContain('pwned');
      const create = calls.find((call) => call[1] === 'model' && call[2] === 'create');
      if (create) {
        registered += 1;
        expect(option(create, '--description')).toBe(each.description);
        expect(option(create, '--name')).toBe(each.model);
        expect(option(create, '--version')).toBe(each.version);
        for (const [name, value] of Object.entries(each.tags)) {
          expect(create).toContain(`${name}=${value}`);
        }
      }
      // The preview, whose lines people paste into a shell.
      runShell(codeText(LANGUAGES[0], changesOf(each), context), work, folder);
      expect(readdirSync(work)).not.toContain('pwned');
    }
    expect(registered).toBeGreaterThan(samples.length / 4);
  });

  it('runs nothing where a text took the place of a number', () => {
    writeFileSync(join(folder, 'az'), FAKE_AZ, { mode: 0o755 });
    const work = mkdtempSync(join(folder, 'work-'));
    const texts: string[] = [];
    for (const { description } of samples.slice(0, 40)) {
      const odd = description as unknown as number;
      const at = { endpoint: 'heart', deployment: 'x-8' };
      const changes: Change[] = [
        {
          kind: 'createDeployment',
          role: 'green',
          ...at,
          spec: { ...makeDeployment.spec, instanceCount: odd },
        },
        { kind: 'setTraffic', endpoint: 'heart', from: {}, to: { 'x-8': odd }, why: 'advance' },
        { kind: 'setMirror', endpoint: 'heart', from: {}, to: { 'x-8': odd } },
        { kind: 'scaleDeployment', ...at, from: odd, to: odd },
      ];
      for (const { name, text } of codeFiles(changes, context)) {
        if (name === 'rollout.sh') runShell(text.replace('cd "$(dirname "$0")"', ''), work, folder);
        if (name.endsWith('.py')) texts.push(text);
      }
      expect(readdirSync(work)).not.toContain('pwned');
    }
    if (!has.python) return;
    const found = inPython(CALLS_AND_TEXTS, texts) as { calls: string[] }[];
    const calls = found.flatMap((each) => each.calls);
    expect(calls.filter((call) => !EXPECTED_CALLS.includes(call))).toEqual([]);
  });

  it('is valid for bash', () => {
    for (const [index, each] of samples.entries()) {
      const script = filesOf(each).find(({ name }) => name === 'rollout.sh')!.text;
      writeFileSync(join(folder, `${index}.sh`), script);
    }
    const checked = spawnSync(
      'bash',
      ['-c', 'for each in *.sh; do bash -n "$each" || exit 1; done'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    expect(checked).toMatchObject({ status: 0, stderr: '' });
  });

  it.skipIf(!has.shellcheck)(`pleases shellcheck${why(!has.shellcheck, 'shellcheck')}`, () => {
    const names = samples.slice(0, 30).map((each, index) => {
      const script = filesOf(each).find(({ name }) => name === 'rollout.sh')!.text;
      writeFileSync(join(folder, `${index}.sh`), script);
      return `${index}.sh`;
    });
    // SC2016, SC2026, SC1110 and the like are about text that merely looks like code.
    const checked = spawnSync('shellcheck', ['--severity=warning', ...names], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });

  it.skipIf(!has.python)(
    `is Python that calls what it should and holds what was meant${why(!has.python, 'python3')}`,
    () => {
      const scripts = samples.flatMap((each) =>
        filesOf(each).filter(({ name }) => name.endsWith('.py')),
      );
      const previews = samples.flatMap((each) =>
        LANGUAGES.slice(1).map((language) => codeText(language, changesOf(each), context)),
      );
      const texts = [...scripts.map(({ text }) => text), ...previews];
      const found = inPython(CALLS_AND_TEXTS, texts) as { calls: string[]; texts: string[] }[];
      const calls = new Set(found.flatMap((each) => each.calls));
      expect([...calls].sort()).toEqual(EXPECTED_CALLS.filter((call) => calls.has(call)));
      for (const [index, each] of samples.entries()) {
        const { texts: held } = found[index * 2]!;
        for (const text of [
          each.description,
          each.model,
          each.folder,
          ...Object.values(each.tags),
        ]) {
          expect(held).toContain(text);
        }
      }
      expect(calls.size).toBeGreaterThan(30);
    },
  );

  it.skipIf(!has.python)(
    `of a load test is Python that only sends what was meant, and YAML${why(!has.python, 'python3')}`,
    () => {
      const tests = samples.map((each, index) => {
        const { name: endpoint, deployment: green, description } = each;
        const size = { weight: 10, perMinute: 1 + index * 977, minutes: 5 };
        const scoringUri = `https://heart.inference.ml.azure.com/score?q=${encodeURIComponent(description)}`;
        return { endpoint, green, scoringUri, ...size, bodies: [{ description }, description] };
      });
      const files = tests.map(loadTestFiles);
      const found = inPython(
        CALLS_AND_TEXTS,
        files.map(([script]) => script!.text),
      ) as { calls: string[]; texts: string[] }[];
      const yamls = files.map(([, , yaml]) => yaml!.text);
      if (has.pyyaml) expect(inPython(READ_YAML, yamls)).toEqual(yamls.map((yaml) => parse(yaml)));
      for (const [index, { green, bodies }] of tests.entries()) {
        expect(found[index]!.calls.filter((call) => !LOAD_TEST_CALLS.includes(call))).toEqual([]);
        expect(found[index]!.texts).toContain(green);
        const [, payloads] = files[index]!;
        const lines = payloads!.text.split('\n');
        expect(lines).toHaveLength(bodies.length + 1);
        expect(JSON.parse(lines[0]!)).toEqual(bodies[0]);
        const configuration = parse(yamls[index]!) as Record<string, unknown>;
        expect(configuration['testId']).toMatch(/^[a-z0-9_-]{2,50}$/);
        expect(configuration).toMatchObject({ testType: 'Locust', testPlan: 'locustfile.py' });
      }
    },
  );

  it.skipIf(!has.pyyaml)(
    `is YAML that az reads as this program does${why(!has.pyyaml, 'PyYAML')}`,
    () => {
      const texts = samples.flatMap((each) =>
        filesOf(each).flatMap(({ name, text }) => (name.endsWith('.yml') ? [text] : [])),
      );
      const read = inPython(READ_YAML, texts) as unknown[];
      for (const [index, text] of texts.entries()) expect(read[index]).toEqual(parse(text));
      const deployments = read.filter((each) => (each as object)['endpoint_name' as never]);
      for (const [index, each] of samples.entries()) {
        expect(deployments[index]).toMatchObject({
          name: each.deployment,
          ...(Object.keys(each.tags).length > 0 && { tags: each.tags }),
        });
      }
    },
  );
});

describe('YAML of text that looks like something else', () => {
  const WORDS = [
    ...[
      'yes',
      'No',
      'on',
      'OFF',
      'y',
      'n',
      'true',
      'null',
      '~',
      '',
      '1_000',
      '1.10',
      '0x1F',
      '0o17',
    ],
    ...['017', '0b11', '12e3', '1e5', '.inf', '-.INF', '.nan', '2024-01-31', '190:20:30', '1:30.5'],
    ...[
      '12345678901234567890',
      '2024-01-31T10:00:00Z',
      '2001-12-14 21:59:43.10 -5',
      '=',
      '<<',
      '-',
    ],
    ...[
      '+1',
      '-0',
      '1.',
      '.5',
      '1_0.5',
      '- a',
      'a: b',
      'a #b',
      '#',
      '? a',
      '@a',
      '`a',
      '|',
      '>',
      '!',
    ],
    ...['%a', '*a', '&a', "it's", '"q"', ' lead', 'trail ', 'two\nlines', '\n', 'a\n\nb\n', 'x\n '],
    ...['[a]', '{a: 1}', '\ttab', '---', '...', 'null ', '1 ', '_', '1__0', '٣'],
  ];
  const check = (texts: string[]): void => {
    const value = Object.fromEntries(texts.map((text, index) => [text, { [`k${index}`]: text }]));
    const yaml = yamlText({ value, list: texts });
    expect(parse(yaml)).toEqual({ value, list: texts });
    expect(parse(yaml, { version: '1.1' })).toEqual({ value, list: texts });
    if (has.pyyaml) expect(inPython(READ_YAML, [yaml])).toEqual([{ value, list: texts }]);
  };

  it(`keeps it${why(!has.pyyaml, 'PyYAML')}`, () => check(WORDS));

  it(`keeps any text${why(!has.pyyaml, 'PyYAML')}`, () => {
    const any = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      hostile,
      fc.stringMatching(/^[-+0-9_.:eExoTZ]{1,12}$/),
    );
    const lists = fc.sample(any, { numRuns: 3_000, seed: 7 });
    check([...new Set(lists)].filter((text) => text !== '__proto__'));
  });
});

const READ_YAML = `
import json, sys, yaml
json.dump([yaml.safe_load(text) for text in json.load(sys.stdin)], sys.stdout)`;

/** All that the script of a load test may call. */
const LOAD_TEST_CALLS: string[] = [
  'BODIES.split',
  'answer.failure',
  'answer.headers.get',
  'constant_pacing',
  'constant_pacing()',
  'itertools.cycle',
  'next',
  'os.environ.get',
  'pathlib.Path',
  'pathlib.Path().with_name',
  'pathlib.Path().with_name().read_bytes',
  'pathlib.Path().with_name().read_bytes().split',
  'self.client.post',
  'sys.exit',
];
