/** Before rows are sent: what is compared, by which gates, and which rows are known already. */
import { useRef } from 'react';
import stringWidth from 'string-width';
import { grouped, rowsOf } from '../../src/common/counts.js';
import { provable } from '../../src/rollout/evidence/provable.js';
import { REGISTRY } from '../../src/rollout/evidence/gates/registry.js';
import { gateNeeds } from '../../src/rollout/evidence/gates/settings.js';
import { proofAt, type ProofPlan } from '../../src/rollout/plan/proof.js';
import { differencesLine } from '../../src/rollout/inherit.js';
import { differencesOf } from '../../src/rollout/journal/view.js';
import type { Sample } from '../../src/wizard/effects/sample.js';
import { fieldNumber, fieldValue, type Form } from '../../src/wizard/form.js';
import { planOf } from '../../src/wizard/plan.js';
import { checkWords, gateWords, holdWords } from '../../src/wizard/plan-text.js';
import type { State } from '../../src/wizard/state.js';
import { deploymentOf } from '../../src/wizard/steps/deployment-form.js';
import { factBlock, tableBlock, type Block, type Fact } from './blocks.js';
import { useWizard } from './context.js';
import { deploymentsTable } from './deployments-table.js';
import { clean } from './line.js';
import { requestColumn } from './request-column.js';

function comparedBlock(state: State, width: number): Block[] {
  const opened = state.session?.opened;
  const deployments = (['blue', 'green'] as const).flatMap((role) => {
    const deployment = deploymentOf(opened, role);
    return deployment ? [[role.toUpperCase(), deployment] as const] : [];
  });
  const { blue, green } = opened?.roles ?? {};
  const found = opened && differencesOf(opened.journal, green);
  const [table] = deploymentsTable('compared', deployments, opened?.snapshot.endpoint, width);
  if (!table || !found || blue === undefined || green === undefined) return table ? [table] : [];
  const line = differencesLine({ blue, green }, found);
  const fits = stringWidth(clean(line)) + 2 <= width;
  return [fits ? { ...table, lines: [...table.lines, line] } : table];
}

/** Gates that judge rows and are not off, then the plan's own checks before traffic. */
function gatesBlock(plan: ProofPlan, sending: number, width: number): Block[] {
  const { gates } = proofAt(plan, 0);
  const reach = new Map(
    (sending > 0 ? provable(sending, gates) : []).map((each) => [each.gate, each]),
  );
  const rows = REGISTRY.flatMap(({ id, title, describe }) => {
    const settings = gates[id];
    if (settings.mode === 'off' || !gateNeeds(id, 'rows', 'target', 'signature')) return [];
    const { needed, proves } = reach.get(id) ?? {};
    const enough =
      needed === undefined ? '' : `${grouped(needed)}${proves ? '' : ', more than are sent'}`;
    return [[title, gateWords(settings), enough, describe]];
  });
  const checks = (plan.checks ?? [])
    .filter(({ at, mode }) => mode !== 'off' && at?.includes('before') !== false)
    .map((check) => [check.name, checkWords(check), '', 'A number from outside, by its limits.']);
  const head = ['gates in force', 'mode and limit', 'rows needed', 'fails when'];
  return tableBlock(head, [...rows, ...checks], width, 2);
}

function sendingBlock(state: State, form: Form, sample: Sample | undefined, width: number): Block {
  const plan = planOf(state);
  const path = fieldValue(form, 'path');
  const rows = fieldNumber(form, 'rows');
  const inFlight = fieldNumber(form, 'inFlight');
  const pace = inFlight > 1 ? `${grouped(inFlight)} at once` : 'one at a time';
  const counted = rows > 0 ? `${rowsOf(rows)} each` : 'the same rows';
  const known = sample?.spec.path === path && `${path}, ${rowsOf(sample.totalRows)}`;
  const { target } = sample ?? {};
  const first = proofAt(plan, plan.weights[0] ?? 100).hold;
  const facts: Fact[] = [
    ['from', known || path || 'not chosen yet'],
    ['to', `blue and green by name: ${counted}, ${pace}`],
    ['truth', target && `column ${target}, which is not sent`],
    ['journal', 'keeps row numbers, latencies and verdicts, and no cells'],
    ['after a pass', `traffic steps ${plan.weights.join('%, ')}%; first hold: ${holdWords(first)}`],
  ];
  return factBlock('rows to send', facts, width);
}

/** More tell a person nothing that these do not. */
const MOST_ROWS = 12;

function sampleBlock(sample: Sample | undefined, width: number): Block[] {
  const rows = (sample?.rows ?? []).slice(0, MOST_ROWS);
  const numbers = rows.map(({ number }) => number);
  const request = requestColumn(sample, numbers, width);
  const cells = rows.map(({ number, truth }) => [
    `row ${number}`,
    truth ?? '',
    ...request.of(number),
  ]);
  const title = `first rows, seed ${sample?.spec.seed ?? ''}`;
  return request.title.length === 0
    ? []
    : tableBlock([title, 'truth', ...request.title], cells, width);
}

/** In the order in which they matter before rows are sent. */
function proofPreview(state: State, form: Form, width: number): Block[] {
  const { prove, test } = state.screens;
  const sample = prove?.sample ?? test?.sample;
  return [
    ...comparedBlock(state, width),
    ...gatesBlock(planOf(state), fieldNumber(form, 'rows'), width),
    sendingBlock(state, form, sample, width),
    ...sampleBlock(sample, width),
  ];
}

/** Not written anew on each key and each second: only where something of it changed. */
export function useProofPreview(): (form: Form) => Block[] {
  const { state, width } = useWizard();
  const last = useRef<{ of: readonly unknown[]; blocks: Block[] }>(undefined);
  return (form) => {
    const { session, defaults, screens } = state;
    const typed = form.fields.map(({ value }) => value);
    const of = [session, defaults, screens.test, screens.prove?.sample, width, ...typed];
    const known = last.current;
    if (known?.of.length === of.length && of.every((each, at) => each === known.of[at])) {
      return known.blocks;
    }
    const blocks = proofPreview(state, form, width);
    last.current = { of, blocks };
    return blocks;
  };
}
