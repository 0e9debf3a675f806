/** docs/plan.md names every key of a plan file, and the defaults of every gate. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { planMembers } from '../../../src/interop/plan-file.js';
import { REGISTRY } from '../../../src/rollout/evidence/gates/registry.js';
import { SHARE_MEMBERS } from '../../../src/rollout/evidence/gates/settings.js';

const page = readFileSync(new URL('../../../docs/plan.md', import.meta.url), 'utf8');
const inCode = new Set(
  [...page.matchAll(/`([^`]+)`/g)].flatMap((match) => match[1]!.match(/[A-Za-z0-9]+/g) ?? []),
);

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
}

function keysOf({ properties = {}, anyOf = [], items }: JsonSchema): string[] {
  const inner = [...Object.values(properties), ...anyOf, ...(items ? [items] : [])];
  return [...Object.keys(properties), ...inner.flatMap(keysOf)];
}

/** Read for the sake of older plans; each leads to nothing, or to a newer key with a note. */
const OLD = new Set(['early']);

it('names every key of the schema', () => {
  const schema = z.toJSONSchema(planMembers, { io: 'input', unrepresentable: 'any' });
  const keys = new Set(keysOf(schema as JsonSchema));
  expect(keys.size).toBeGreaterThan(60);
  expect([...keys].filter((key) => !inCode.has(key) && !OLD.has(key))).toEqual([]);
});

it('has the limits of each gate, with the defaults', () => {
  const rows = page.slice(page.indexOf('| gate | keys')).trim().split('\n').slice(2);
  const stated = rows.map((row) => {
    const [, name = '', limits = ''] = row.trim().split('|');
    return `${name.trim()}: ${[...limits.matchAll(/`([^`]+)`/g)].map((match) => match[1]).join(', ')}`;
  });
  const shown = (key: string, value: unknown) =>
    SHARE_MEMBERS.has(key) ? `${Math.round(Number(value) * 1_000) / 10}%` : String(value);
  const limits = REGISTRY.map(({ id, defaults }) => {
    const members = Object.entries(defaults).filter(([key]) => key !== 'mode');
    return `\`${id}\`: ${members.map(([key, value]) => `${key}: ${shown(key, value)}`).join(', ')}`;
  });
  expect(stated).toEqual(limits);
});
