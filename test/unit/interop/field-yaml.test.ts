/** YAML files from public reports; the values are those of azure-ai-ml 1.35, or the source text. */
import { describe, expect, it, vi } from 'vitest';
import { readDeploymentFile } from '../../../src/interop/deployment-file.js';
import { readEndpointFile } from '../../../src/interop/endpoint-file.js';
import { readPlanFile } from '../../../src/interop/plan-file.js';
import { FileProblem, parseYamlFile } from '../../../src/interop/yaml-file.js';
import * as z from 'zod';
import { environmentOf } from '../../../src/interop/environment-file.js';
import { lintConda } from '../../../src/sampling/conda-lint.js';
import { parseMlmodel } from '../../../src/sampling/mlmodel.js';
import { growth } from '../sampling/support.js';

const deployment = (extra: string, model = 'azureml:m:1') =>
  readDeploymentFile(
    `name: green\nmodel: ${model}\ninstance_type: Standard_DS3_v2\n${
      extra.includes('instance_count') ? '' : 'instance_count: 1\n'
    }${extra}\n`,
    'd.yml',
  );

const plan = (version: string) =>
  readPlanFile(
    `version: 1\nendpoint: {name: heart}\ngreen: {name: x-8, model: {name: m, version: ${version}}}`,
    'p.yml',
  );

function problems(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof FileProblem) return error.problems;
    throw error;
  }
  throw new Error('the file was accepted');
}

describe('text stays as it is written', () => {
  it.each([
    '12345e6',
    '0123456',
    '20240131123456123456',
    '1.0',
    '1.10',
    '00123',
    '0x1F',
    '1_000',
    '.inf',
    '-0',
    'true',
    'yes',
    'NO',
    '2024-01-31',
    '1:30',
  ])('%s, in tags, variables, properties and a description', (text) => {
    const { spec } = deployment(
      `tags: {commit: ${text}}\nenvironment_variables: {A: ${text}}\nproperties: {p: ${text}}\ndescription: ${text}`,
    );
    expect(spec).toMatchObject({
      tags: { commit: text },
      environmentVariables: { A: text },
      properties: { p: text },
      description: text,
    });
    expect(readEndpointFile(`tags: {commit: ${text}}`, 'e.yml').spec.tags).toEqual({
      commit: text,
    });
  });

  it('keys too', () => {
    const { tags } = readEndpointFile('tags: {2024: x, 0123: y, true: z}', 'e.yml').spec;
    expect(tags).toEqual({ '2024': 'x', '0123': 'y', true: 'z' });
  });

  it.each(['1.0', '1234e5', '1.10', '012', '2024-01-31'])("a model's version %s", (version) => {
    const { model } = deployment('', `{name: m, path: ., version: ${version}}`);
    expect(model).toMatchObject({ version });
    expect(plan(version).green.model).toEqual({ name: 'm', version });
  });

  it('a column whose name is a number', () => {
    const text =
      'version: 1\nendpoint: {name: heart}\ngreen: {name: x-8, model: {name: m, version: 8}}\nevidence: {csv: a.csv, target: 1.0}';
    expect(readPlanFile(text, 'p.yml').evidence?.target).toBe('1.0');
  });
});

describe('numbers and booleans are read where they are asked for', () => {
  it.each([
    ['instance_count: "2"', { instanceCount: 2 }],
    ['instance_count: 2.0', { instanceCount: 2 }],
    ['app_insights_enabled: yes', { appInsightsEnabled: true }],
    ['app_insights_enabled: "True"', { appInsightsEnabled: true }],
    ['app_insights_enabled: off', { appInsightsEnabled: false }],
    ['app_insights_enabled: 0', { appInsightsEnabled: false }],
    ['type: Managed', {}],
    ['type: MANAGED', {}],
    [
      'request_settings: {request_timeout_ms: "90000"}',
      { requestSettings: { requestTimeoutMs: 90_000 } },
    ],
    [
      'request_settings: {request_timeout_ms: 90_000}',
      { requestSettings: { requestTimeoutMs: 90_000 } },
    ],
    ['liveness_probe: {period: "5"}', { livenessProbe: { period: 5 } }],
  ])('%s', (extra, spec) => {
    expect(deployment(extra).spec).toMatchObject(spec);
  });

  it.each([
    ['instance_count: two', 'line 4, column 17: instance_count: use a whole number'],
    ['instance_count: "1.5"', 'line 4, column 17: instance_count: use a whole number'],
    // 8 to az, 10 to others.
    ['instance_count: 010', 'line 4, column 17: instance_count: use a whole number'],
    ['instance_count: 1e99', 'instance_count: use a whole number'],
    ['app_insights_enabled: 2', 'app_insights_enabled: use true or false'],
    ['app_insights_enabled: maybe', 'app_insights_enabled: use true or false'],
    ['type: kubernetes', 'type: only managed deployments are supported here'],
  ])('%s is refused', (extra, sentence) => {
    expect(problems(() => deployment(extra)).join('\n')).toContain(sentence);
  });

  it('in the weights of an endpoint and in a plan', () => {
    expect(readEndpointFile('traffic: {blue: "90", green: 10}', 'e.yml').traffic).toEqual({
      blue: 90,
      green: 10,
    });
    const text =
      'version: "1"\nendpoint: {name: heart}\ngreen: {name: x-8, model: {name: m, version: 8}}\nweights: ["10", 100]\ngates: {errors: {margin: 0.02}, latency: {ratio: "1.5"}}';
    expect(readPlanFile(text, 'p.yml')).toMatchObject({
      weights: [10, 100],
      gates: { errors: { margin: 0.02 }, latency: { ratio: 1.5 } },
    });
  });

  it('an alias serves as text in one place and as a number in another', () => {
    const { spec } = deployment('tags: {n: &n 3}\ninstance_count: *n');
    expect(spec).toMatchObject({ tags: { n: '3' }, instanceCount: 3 });
  });

  it('a merge key brings its members in', () => {
    const { spec } = deployment('tags: &base {a: 1.0}\nenvironment_variables: {<<: *base, B: 02}');
    expect(spec.environmentVariables).toEqual({ a: '1.0', B: '02' });
  });
});

describe('what is no single plain document', () => {
  it.each([
    [
      'name: heart\n---\nname: other\n',
      'f.yml, line 2, column 1: a second document begins here; keep one document in a file.',
    ],
    [
      'name: {{ENDPOINT_NAME}}\n',
      'f.yml, line 1, column 8: {{ENDPOINT_NAME}} is a placeholder that no template filled in; write its value.',
    ],
    ['name: heart\nname: other\n', 'f.yml, line 2, column 1: the key name is listed twice'],
    ['tags: {__proto__: a}\n', "f.yml, line 1, column 8: a key can't be named __proto__"],
    ['{a: {[x]: 1}}', 'f.yml, line 1, column 6: a key must be text'],
    ['name: heart\n\ttags: {}\n', 'line 2, column 1: a tab indents this line; use spaces'],
    ['description: a: b', 'text with ": " in it needs quotes'],
    ['name: "heart', 'a closing quote, a bracket, a comma or the space after a colon is missing'],
    ['name: @x', "a value can't begin with this character; put the value in quotes"],
    ['name: *x', 'an alias (*) has no anchor (&) of its name before it'],
  ])('%j is refused in our words', (text, sentence) => {
    const warned = vi.spyOn(process, 'emitWarning');
    expect(problems(() => readEndpointFile(text, 'f.yml')).join('\n')).toContain(sentence);
    expect(warned).not.toHaveBeenCalled();
  });

  it('aliases that unfold to gigabytes are refused', () => {
    const levels = Array.from({ length: 12 }, (_, at) =>
      at === 0
        ? 'a0: &a0 [x]'
        : `a${at}: &a${at} [${Array(10)
            .fill(`*a${at - 1}`)
            .join(', ')}]`,
    );
    expect(problems(() => readEndpointFile(levels.join('\n'), 'f.yml'))).toEqual([
      'f.yml has aliases (*) of aliases that unfold to more than can be held. Write them out.',
    ]);
  });
});

describe('a dump of az ml show', () => {
  it('loses the properties that Azure set, and says so', () => {
    const dump = 'properties: {AzureAsyncOperationUri: https://x, owner: ada}';
    const read = deployment(dump);
    expect(read.spec.properties).toEqual({ owner: 'ada' });
    expect(read.notes).toEqual([
      'd.yml, line 5, column 14: AzureAsyncOperationUri is set by Azure and ignored here.',
    ]);
    const endpoint = readEndpointFile(
      'properties: {azureml.onlineendpointid: /x, createdBy: ada, AzureAsyncOperationUri: https://x, k: v}',
      'e.yml',
    );
    expect(endpoint.spec.properties).toEqual({ k: 'v' });
    expect(endpoint.notes).toHaveLength(3);
  });
});

describe('a large file', () => {
  it('of ten times the keys takes about ten times as long', async () => {
    const schema = z.record(z.string(), z.int());
    const work = (keys: number) => {
      const text = Array.from({ length: keys }, (_, at) => `key${at}: ${at}`).join('\n');
      expect(Object.keys(parseYamlFile(text, 'f.yml', schema).value)).toHaveLength(keys);
    };
    expect(await growth(2_000, work)).toBeLessThan(40);
  });

  const many = (keys: number, line: (at: number) => string) =>
    Array.from({ length: keys }, (_, at) => line(at)).join('\n');

  it.each<[string, (at: number) => string, z.ZodType]>([
    ['unknown keys', (at) => `key${at}: ${at}`, z.strictObject({ known: z.string().optional() })],
    ['wrong values', (at) => `key${at}: x`, z.record(z.string(), z.int())],
    ['keys twice', (at) => `key${at}: x\nkey${at}: y`, z.record(z.string(), z.string())],
  ])('of ten times the %s takes about ten times as long, and names 20', async (_, line, schema) => {
    const work = (keys: number) => {
      const found = problems(() => parseYamlFile(many(keys, line), 'f.yml', schema));
      expect(found).toHaveLength(21);
      expect(found.at(-1)).toBe(`and ${(keys - 20).toLocaleString('en-US')} more`);
    };
    expect(await growth(1_000, work)).toBeLessThan(40);
  });
});

describe('a file that is nested', () => {
  const DEEP = 'lists and objects are nested more than 100 levels deep';
  const lists = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

  it('as deep as any that people write is read', () => {
    expect(parseYamlFile(`a: ${lists(90)}`, 'f.yml', z.unknown()).value).toHaveProperty('a');
    const text = `a: '${lists(1_000)}' # ${lists(1_000)}\nb: |\n  ${lists(1_000)}`;
    expect(parseYamlFile(text, 'f.yml', z.unknown()).value).toHaveProperty('b');
  });

  const indented = Array.from({ length: 200 }, (_, at) => `${' '.repeat(at)}a:\n`).join('');
  it.each([
    ...['[', '[[', '{a: ', '[{a: ', '? ', '- ', '[|'].map((open) => open.repeat(100_000)),
    lists(101),
    indented,
  ])('deeper is refused with one sentence: %#', (text) => {
    for (const read of [
      () => readPlanFile(text, 'p.yml'),
      () => readDeploymentFile(text, 'p.yml'),
      () => readEndpointFile(text, 'p.yml'),
    ]) {
      const [only, ...others] = problems(read);
      expect(only).toMatch(/^p\.yml, line \d+, column \d+: lists and objects are nested/);
      expect(only).toContain(DEEP);
      expect(others).toEqual([]);
    }
    expect(() => parseMlmodel(text, 'MLmodel')).toThrow(DEEP);
    expect(lintConda(text)).toEqual([
      expect.objectContaining({ level: 'error', what: `Not valid YAML: ${DEEP}.` }),
    ]);
  });

  it('deeper by its aliases is refused, also in the conda file of an environment', () => {
    const chain = Array.from(
      { length: 60 },
      (_, at) => `b${at}: &b${at} [[${at === 0 ? '1' : `*b${at - 1}`}]]`,
    ).join('\n');
    const sentence = /aliases \(\*\) of aliases that unfold to more than can be held/;
    expect(() => parseYamlFile(chain, 'f.yml', z.unknown())).toThrow(sentence);
    const value = { image: 'i', conda_file: 'conda.yml' };
    expect(() => environmentOf(value as never, '', () => chain)).toThrow(sentence);
    expect(() => environmentOf(value as never, '', () => '['.repeat(100_000))).toThrow(DEEP);
  });
});
