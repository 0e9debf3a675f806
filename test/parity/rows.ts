/** Faults and situations that both faces have to meet alike. Second operators are in a table of their own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SAMPLES } from '../support/sample-plan.js';
import type { Right, Row } from './row.js';
import { BLUE, GREEN, type Stage } from './world.js';

/** What rows say is not asked here, and nothing depends on how busy the machine is. */
const WARN = 'gates: {errors: warn, latency: warn, capacity: warn, accuracy: warn}';
/** The same, with everything enforced that does not depend on time. */
const UNTIMED = 'gates: {latency: warn, capacity: warn}';
const NO_HOLD = 'holds: {minutes: 0}';

/** The router serves half and half, whatever is configured. */
const servesHalf = (stage: Stage): Promise<void> =>
  stage.fault({
    match: { pinned: false, path: '^/score' },
    action: { serve: { [BLUE]: 50, [GREEN]: 50 } },
  });

/** The write of the endpoint that follows the first probes: the one that rolls back. */
const failsRollback = (stage: Stage, action: object): Promise<void> =>
  stage.fault({
    match: { method: 'PUT', path: `onlineEndpoints/${stage.endpoint}\\?` },
    after: { match: { pinned: false, path: '^/score' }, times: 100 },
    times: 1,
    action,
  });

/** What the model's own 500 looks like to a caller. */
const answers500 = {
  status: 424,
  body: { message: 'The model failed.' },
  headers: { 'ms-azureml-model-error-statuscode': '500' },
};

const rolledBack: Right = {
  says: 'rolled back: green no longer gets traffic',
  meaning: 'stopped',
  split: { [BLUE]: 100 },
  report: 'aborted',
  judgements: [/^split at 10: stop \(.*split fail/],
};

const wrongSplit = (budget: number): Row => ({
  id: `budget-${budget}`,
  title: `90/10 configured, 50/50 served, probe budget ${budget}`,
  plan: {
    rest: `weights: [10, 100]\n${NO_HOLD}\nprobes: {count: 100, budget: ${budget}}\nonFail: rollback\n${WARN}`,
  },
  prepare: servesHalf,
  right: { ...rolledBack, says: 'the proven failure stands: rolled back' },
});

/** The first probe meets it, and no other. */
const firstProbe = (id: string, title: string, status: number): Row => ({
  id,
  title,
  plan: { rest: `weights: [10, 100]\n${NO_HOLD}\nonFail: rollback\n${WARN}` },
  prepare: (stage) =>
    stage.fault({ match: { pinned: false, path: '^/score' }, times: 1, action: { status } }),
  right: {
    says: 'it says nothing of the split: probes go on',
    meaning: 'promoted',
    split: { [GREEN]: 100 },
    report: 'promoted',
    judgements: [/^prove at 0: promote/, /^split at 10: promote/, /^split at 100: promote/],
  },
});

const rollbackMeets = (id: string, what: string, action: object): Row => ({
  id: `meets-${id}`,
  title: `rollback meets one ${what}`,
  plan: { rest: `weights: [10, 100]\n${NO_HOLD}\nonFail: rollback\n${WARN}` },
  async prepare(stage) {
    await servesHalf(stage);
    await failsRollback(stage, action);
  },
  right: { ...rolledBack, says: 'the write is sent again until it is done' },
});

const answersNothing = (id: string, title: string, gates: string, blue: number): Row => ({
  id,
  title,
  plan: {
    rest: `weights: [10, 100]\n${NO_HOLD}\n${gates}`,
    evidence: { rows: 300 },
  },
  prepare: (stage) =>
    stage.fault({ match: { deployment: GREEN, path: '^/score' }, action: answers500 }),
  right: {
    says: `stopped early: at most 20 rows to green and ${blue} to blue`,
    meaning: 'stopped',
    split: { [BLUE]: 100 },
    report: 'not started',
    judgements: [/^prove at 0: stop \(.*errors fail/],
    atMost: { blue, green: 20 },
  },
});

export const ROWS: readonly Row[] = [
  {
    id: 'renames',
    title: 'a CSV column needs a rename; prove, quit, reopen, apply 10%',
    plan: {
      rest: `weights: [10, 100]\n${NO_HOLD}\nsteps: [{at: 0, holds: {approval: true}}]\n${WARN}`,
      evidence: { renames: { chol: 'cholesterol' }, rows: 20 },
    },
    prepare(stage) {
      const path = join(stage.home, 'renamed.csv');
      const text = readFileSync(join(SAMPLES, 'heart.csv'), 'utf8');
      writeFileSync(path, text.replace('chol', 'cholesterol'));
      const { evidence, ...rest } = stage.plan;
      stage.writePlan({ ...rest, evidence: { ...evidence, csv: path } });
      return Promise.resolve();
    },
    async drive(face) {
      await face.start();
      await face.rest();
      await face.reopenAndApprove(0);
      return face.rest();
    },
    right: {
      says: 'renames are journaled and can be written in a plan; the split is verified',
      meaning: 'promoted',
      split: { [GREEN]: 100 },
      report: 'promoted',
      judgements: [/^prove at 0: promote/, /^split at 10: promote/, /^split at 100: promote/],
    },
  },
  wrongSplit(100),
  wrongSplit(130),
  rollbackMeets('409', '409', { status: 409 }),
  rollbackMeets('429', '429', { status: 429, headers: { 'retry-after': '1' } }),
  rollbackMeets('503', '503', { status: 503 }),
  rollbackMeets('drop', 'dropped connection', { drop: true }),
  {
    id: 'abort-meets-409',
    title: 'an abort that was asked for meets one 409',
    plan: {
      rest: `weights: [10, 30, 100]\n${NO_HOLD}\nsteps: [{at: 10, holds: {approval: true}}]\n${WARN}`,
    },
    prepare: (stage) => failsRollback(stage, { status: 409 }),
    async drive(face) {
      await face.start();
      await face.rest();
      await face.abort();
      await face.rest();
      return 'stopped';
    },
    right: {
      says: 'the write is sent again until it is done; nothing stays staged under Enter',
      meaning: 'stopped',
      split: { [BLUE]: 100 },
      report: 'aborted',
      judgements: [/^split at 10: promote/],
    },
  },
  {
    id: 'no-onfail',
    title: 'a gate fails, and the plan has no `onFail`',
    plan: { rest: `weights: [10, 100]\n${NO_HOLD}\n${WARN}` },
    prepare: servesHalf,
    right: {
      ...rolledBack,
      says: 'one default, rollback, which the report names',
      also({ reported }) {
        expect(reported['plan']).toMatchObject({ onFail: 'rollback' });
      },
    },
  },
  answersNothing('green-500', 'green answers 500 to everything', UNTIMED, 140),
  answersNothing(
    'green-500-off',
    'green answers 500 to everything, and the plan has `labels: off`',
    'gates: {latency: warn, capacity: warn, labels: off}',
    20,
  ),
  {
    id: 'probed-401',
    title: '401 while probing',
    plan: { rest: `weights: [10, 100]\n${NO_HOLD}\nonFail: rollback\n${WARN}` },
    prepare: (stage) =>
      stage.fault({ match: { pinned: false, path: '^/score' }, action: { status: 401 } }),
    right: {
      says: 'an access error, no verdict: the split stays',
      meaning: 'access',
      split: { [BLUE]: 90, [GREEN]: 10 },
      report: 'partly',
      also({ judgements }) {
        expect(judgements.filter((each) => each.startsWith('split'))).toEqual([]);
      },
    },
  },
  firstProbe('probed-401-once', 'one 401 while probing', 401),
  firstProbe('probed-busy-once', 'the first probe is turned away (429)', 429),
  {
    id: 'probed-silence',
    title: 'after some probes the endpoint drops every request',
    plan: {
      rest: `weights: [10, 100]\n${NO_HOLD}\nprobes: {count: 100, budget: 2000}\nonFail: rollback\n${WARN}`,
    },
    prepare(stage) {
      const match = { pinned: false, path: '^/score' };
      return stage.fault({ match, after: { match, times: 12 }, action: { drop: true } });
    },
    right: {
      says: 'no more are sent, and the split stays unverified',
      meaning: 'held',
      split: { [BLUE]: 90, [GREEN]: 10 },
      report: 'partly',
      judgements: [/^split at 10: hold/],
      // The rows of the proof among them.
      atMost: { blue: 110 },
    },
  },
  {
    id: 'probed-busy',
    title: 'green is too busy for every probe',
    plan: { rest: `weights: [10, 100]\n${NO_HOLD}\nonFail: rollback\n${WARN}` },
    prepare: (stage) =>
      stage.fault({
        match: { pinned: false, deployment: GREEN, path: '^/score' },
        action: { status: 429 },
      }),
    right: {
      ...rolledBack,
      says: 'users would be turned away: rolled back at the first weight',
      judgements: [/^split at 10: stop/],
      also: ({ says }) => expect(says).toMatch(/Green turned away \d+ of \d+ probes/),
    },
  },
  {
    id: 'no-monitor',
    title: 'Azure Monitor can’t be read during a hold',
    plan: {
      rest: `weights: [10, 100]\nholds: {minutes: 2}\nonUnwatched: rollback\nprobes: {count: 100, budget: 100}\n${WARN}`,
    },
    prepare: (stage) =>
      stage.fault({ match: { path: 'Microsoft.Insights/metrics' }, action: { status: 403 } }),
    right: {
      says: 'live users can’t be seen, so `onUnwatched` is carried out',
      meaning: 'stopped',
      split: { [BLUE]: 100 },
      report: 'aborted',
    },
  },
  {
    id: 'weight-cap',
    title: 'green has one instance, blue has two',
    plan: { rest: `weights: [10, 100]\n${NO_HOLD}\n${WARN}`, instances: [2, 1] },
    // The wizard's model step comes before the form that asks for instances.
    prepare: (stage) => stage.registerGreen(),
    right: {
      says: 'refused before green is created: its instances are not enough for the last weight',
      meaning: 'refused',
      split: { [BLUE]: 100 },
      also({ says, deployments }) {
        expect(says).toMatch(/enough\s+for 50% of the traffic/);
        expect(says).toMatch(/Give\s+green\s+2\s+instances/);
        expect(deployments).toEqual([BLUE]);
      },
    },
  },
  {
    id: 'same-content',
    title: 'the same content is registered already',
    plan: { rest: `weights: [100]\n${NO_HOLD}\n${WARN}` },
    async prepare(stage) {
      // Uploads are named by their content: this program's own first upload of the folder.
      await stage.registerGreen();
    },
    right: {
      says: 'that version is used, and none is registered',
      meaning: 'promoted',
      split: { [GREEN]: 100 },
      report: 'promoted',
      also({ versions }) {
        expect(versions).toEqual(['1', '2']);
      },
    },
  },
];
