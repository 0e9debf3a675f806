/**
 * Names and values come from the service, and an exported file is run by somebody: whatever they
 * hold, nothing of it runs, and what the tool is told is what was meant.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const works = (command: string, ...words: string[]): boolean =>
  spawnSync(command, words).status === 0;
const has = {
  shellcheck: works('shellcheck', '--version'),
  python: works('python3', '-c', 'pass'),
  pyyaml: works('python3', '-c', 'import yaml'),
};
const why = (missing: boolean, what: string): string =>
  missing ? ` (NOT CHECKED: ${what} is not installed)` : '';

/** Where one of these ran, `pwned` is in the folder. */
const PIECES = [
  ...[
    '$(touch pwned)',
    '`touch pwned`',
    '}$(touch pwned)',
    '"; touch pwned; "',
    "'; touch pwned; '",
  ],
  ...['\ntouch pwned\n', '&& touch pwned', '| touch pwned', '" + evil("pwned") + "', '{0}', '}'],
  ...['{evil("pwned")}', '\\', '"""', "'", '"', '\n', '\r', '\t', ' ', '-', '--', '#', ': ', '!!'],
  ...[
    'YAML',
    '<<',
    '&a',
    '*a',
    '%',
    '=',
    '~',
    '\u2028',
    '\u0085',
    '\u202e',
    '\x1b]0;',
    '\x7f',
    'é',
  ],
  ...[
    'a',
    'A_KEY',
    '1',
    '$HOME',
    '${PATH}',
    '\ufeff',
    '😀',
    '\u{e0001}',
    '!',
    '?',
    '[',
    '{',
    ',',
    '>',
  ],
];
const hostile = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''));
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

/** Writes down what it was called with; every question is answered with nothing. */
const FAKE_AZ = `#!/bin/sh\nprintf '%s\\0' "$@" >> "$AZ_LOG"\nprintf 'END OF CALL\\0' >> "$AZ_LOG"\n`;

function runShell(script: string, cwd: string): string[][] {
  const log = join(folder, 'log');
  writeFileSync(log, '');
  spawnSync('bash', ['-c', script], {
    cwd,
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: '/nowhere', AZ_LOG: log },
  });
  const calls: string[][] = [[]];
  for (const word of readFileSync(log, 'utf8').split('\0')) {
    if (word === 'END OF CALL') calls.push([]);
    else calls.at(-1)!.push(word);
  }
  return calls.slice(0, -1);
}

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
      const calls = runShell(script.replace('cd "$(dirname "$0")"', ''), work);
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
      runShell(codeText(LANGUAGES[0], changesOf(each), context), work);
      expect(readdirSync(work)).not.toContain('pwned');
    }
    expect(registered).toBeGreaterThan(samples.length / 4);
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

function inPython(program: string, texts: readonly string[]): unknown {
  const ran = spawnSync('python3', ['-c', program], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout);
}

const READ_YAML = `
import json, sys, yaml
json.dump([yaml.safe_load(text) for text in json.load(sys.stdin)], sys.stdout)`;

const CALLS_AND_TEXTS = `
import ast, json, sys
def path(node):
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return path(node.value) + "." + node.attr
    if isinstance(node, ast.Call):
        return path(node.func) + "()"
    return path(node.value) + "[]" if isinstance(node, ast.Subscript) else ast.unparse(node)
def of(text):
    tree = ast.parse(text)
    compile(tree, "script", "exec")
    calls, texts = set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.add(path(node.func))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    return {"calls": sorted(calls), "texts": texts}
json.dump([of(text) for text in json.load(sys.stdin)], sys.stdout)`;

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

/** All that the scripts and previews may call. */
const EXPECTED_CALLS: string[] = [
  'AzureMLOnlineInferencingServer',
  'DefaultAzureCredential',
  'IdentityConfiguration',
  'MLClient',
  'ManagedOnlineDeployment',
  'ManagedOnlineEndpoint',
  'Model',
  'ModelPackage',
  'OnlineRequestSettings',
  'Path',
  'Path().resolve',
  'ProbeSettings',
  'all',
  'any',
  'ask',
  'client.create_deployment',
  'client.create_endpoint',
  'client.delete_deployment',
  'client.delete_endpoint',
  'client.get_endpoint',
  'client.get_endpoint()[].get',
  'client.list_deployments',
  'client.list_endpoints',
  'client.predict',
  'client.update_endpoint',
  'exists',
  'get_deploy_client',
  'is_done',
  'json.dump',
  'json.load',
  'live.items',
  'ml_client.models.create_or_update',
  'ml_client.models.package',
  'ml_client.online_deployments.begin_create_or_update',
  'ml_client.online_deployments.begin_create_or_update().result',
  'ml_client.online_deployments.begin_delete',
  'ml_client.online_deployments.begin_delete().result',
  'ml_client.online_deployments.get',
  'ml_client.online_deployments.list',
  'ml_client.online_endpoints.begin_create_or_update',
  'ml_client.online_endpoints.begin_create_or_update().result',
  'ml_client.online_endpoints.begin_delete',
  'ml_client.online_endpoints.begin_delete().result',
  'ml_client.online_endpoints.get',
  'ml_client.online_endpoints.invoke',
  'ml_client.online_endpoints.list',
  'ml_client.workspaces.get',
  'mlflow.MlflowClient',
  'mlflow.MlflowClient().search_model_versions',
  'mlflow.register_model',
  'mlflow.set_tracking_uri',
  'open',
  'os.chdir',
  'os.path.exists',
  'pandas.DataFrame',
  'pathlib.Path',
  'pathlib.Path().resolve',
  'print',
  'read',
  'str',
  'sys.exit',
  'version_of',
];
