/** A gate is one file and one line in the registry; what the rest of the program knows of it comes from there. */
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkProofPlan } from '../../../src/interop/proof-plan.js';
import { rule } from '../../../src/rollout/evidence/gates/gate.js';
import { REGISTRY } from '../../../src/rollout/evidence/gates/registry.js';
import { DEFAULT_GATES, SHARE_MEMBERS } from '../../../src/rollout/evidence/gates/settings.js';
import { evidenceProblem, type Plan } from '../../../src/rollout/plan.js';
import { proofAt } from '../../../src/rollout/plan/proof.js';
import { planForm } from '../../../src/wizard/plan-form.js';

const FOLDER = new URL('../../../src/rollout/evidence/gates/', import.meta.url);

const isGate = (value: unknown): value is { id: string } =>
  typeof value === 'object' && value !== null && 'id' in value && 'judge' in value;

describe('the registry of gates', () => {
  it('has every gate that a file of its folder exports, once', async () => {
    const exported: string[] = [];
    for (const file of await readdir(FOLDER)) {
      const module = (await import(new URL(file, FOLDER).href)) as Record<string, unknown>;
      exported.push(...Object.values(module).flatMap((each) => (isGate(each) ? [each.id] : [])));
    }
    expect(exported.length).toBeGreaterThan(10);
    expect(REGISTRY.map(({ id }) => id as string).toSorted()).toEqual(exported.toSorted());
  });

  it.each(REGISTRY)('$id: its defaults are settings that a plan file may say', (gate) => {
    const plan = { weights: [100], gates: { [gate.id]: gate.defaults } };
    expect(checkProofPlan(plan)).toMatchObject({ plan });
    const unknown = { weights: [100], gates: { [gate.id]: { nonsense: 1 } } };
    expect(checkProofPlan(unknown)).toHaveProperty('problems');
    expect(gate.describe).toMatch(/^[A-Z].*\.$/);
    expect(gate.title).not.toBe('');
  });

  it.each(REGISTRY)('$id: is in the settings, the plan and its editor', ({ id, defaults }) => {
    expect(DEFAULT_GATES[id]).toEqual(defaults);
    expect(proofAt({ gates: { [id]: { mode: 'off' } } }, 0).gates[id]).toEqual({
      ...defaults,
      mode: 'off',
    });
    expect(planForm({ weights: [100] }).fields.map((field) => field.id)).toContain(`gate:${id}`);
  });

  it('has one meaning for a member that is shown in percent', () => {
    for (const { schema } of REGISTRY) {
      for (const [name, each] of Object.entries(schema)) {
        expect([name, SHARE_MEMBERS.has(name)]).toEqual([name, each === rule.share]);
      }
    }
  });

  it('wants rows for every enforced gate that only rows can pass', () => {
    const plan = (gates: Plan['gates']): Plan => ({
      endpoint: { name: 'e', auth: 'key' },
      green: { name: 'green', model: { name: 'm' } },
      weights: [100],
      retire: 'keep',
      ...(gates && { gates }),
    });
    const off = Object.fromEntries(REGISTRY.map(({ id }) => [id, { mode: 'off' as const }]));
    expect(evidenceProblem(plan(off))).toBeUndefined();
    for (const { id, needs } of REGISTRY) {
      const problem = evidenceProblem(plan({ ...off, [id]: { mode: 'enforce' } }));
      if (needs === 'minutes' || needs === 'signature') expect(problem).toBeUndefined();
      else expect(problem).toContain(id);
    }
  });
});

describe('docs/gates.md', () => {
  it('lists every gate as the program has it', async () => {
    const page = await readFile(new URL('../../../docs/gates.md', import.meta.url), 'utf8');
    const looks = {
      rows: 'rows',
      target: 'rows and their target',
      signature: 'signatures, rows',
      probes: 'probes',
      minutes: 'live minutes',
    };
    const lines = REGISTRY.map(
      ({ id, title, defaults, needs, describe: asks }) =>
        `| \`${id}\` | ${title} | ${defaults.mode} | ${looks[needs]} | ${asks.replace(/\.$/, '')} |`,
    );
    const table = page.slice(page.indexOf('<!-- gates:')).split('\n\n')[1]!.split('\n').slice(2);
    expect(table).toEqual(lines);
  });
});
