/**
 * docs/plan.schema.json is what editors complete and check a plan file by. It is made from the
 * program's own schema: `PLAN_SCHEMA_WRITE=1 npx vitest run test/unit/house/plan-schema.test.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { planMembers } from '../../../src/interop/plan-file.js';
import { rule } from '../../../src/rollout/evidence/gates/gate.js';

type JsonSchema = z.core.JSONSchema.BaseSchema;

const FILE = new URL('../../../docs/plan.schema.json', import.meta.url);
const PERCENT: JsonSchema = { type: 'string', pattern: String.raw`^\s*\d+(\.\d+)?\s*%\s*$` };
const MODE: JsonSchema = { type: 'string', enum: ['enforce', 'warn', 'off'] };

/** What the program reads before it checks, and zod can't tell: `2%` for 0.02, and a mode in place of a gate. */
function shortForms(schema: z.core.$ZodType, json: JsonSchema): void {
  const isGate = json.properties?.['mode'] !== undefined && json.required === undefined;
  const short = schema === rule.share ? PERCENT : isGate ? MODE : undefined;
  if (short === undefined) return;
  const long = { ...json };
  for (const key of Object.keys(json)) delete json[key];
  json.anyOf = [long, short];
}

const made = (): JsonSchema => ({
  title: 'A plan of aml-rollout',
  ...z.toJSONSchema(planMembers, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => shortForms(zodSchema, jsonSchema),
  }),
});

if (process.env['PLAN_SCHEMA_WRITE']) {
  writeFileSync(FILE, `${JSON.stringify(made(), null, 2)}\n`);
}
const schema = JSON.parse(readFileSync(FILE, 'utf8')) as JsonSchema;

describe('docs/plan.schema.json', () => {
  it('is what the program reads', () => {
    expect(schema).toEqual(JSON.parse(JSON.stringify(made())));
  });

  const check = new Ajv2020().compile(schema);
  const accepts = (more: object): boolean => {
    const sample = new URL('../../../samples/rollout.yml', import.meta.url);
    return check({ ...(parse(readFileSync(sample, 'utf8')) as object), ...more });
  };

  it.each([
    {},
    { gates: { labels: 'off', errors: { margin: '2%' }, accuracy: { margin: 0.02 } } },
    { steps: [{ at: 50, holds: { approval: true }, gates: { latency: 'warn' } }] },
    { retire: { delete: 'default' } },
  ])('accepts the sample with %j', (more) => {
    expect(accepts(more)).toBe(true);
  });

  it.each([
    { speed: 3 },
    { gates: { labels: 'sometimes' } },
    { gates: { errors: { margin: 'much' } } },
    { onFail: 'explode' },
    { retire: 'later' },
  ])('refuses it with %j', (more) => {
    expect(accepts(more)).toBe(false);
  });
});
