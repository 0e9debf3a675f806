/** What the steps from endpoint to test, and report, show where a terminal has rows for it; smaller ones stay as they are. */
import { afterEach, describe, expect, test } from 'vitest';
import { encodeTags } from '../../src/rollout/tags.js';
import type { State } from '../../src/wizard/state.js';
import { frameOf, drawnAt, SIZES, type Size } from '../support/sized-frames.js';
import { clear, KEY } from '../support/wizard-screen.js';
import {
  done,
  LOOK,
  moments,
  onScreen,
  PLAIN,
  PROD,
  proofPassed,
  rollout,
  sample,
  splitSeen,
  START,
  tested,
  withSession,
  entered,
} from '../support/wizard-states.js';
import { endpoint } from '../unit/rollout/fixtures.js';

afterEach(clear);

const MOMENTS = moments();
/** Each fact is shown from that size on, and on no smaller one. */
type From = Partial<Record<Size, readonly RegExp[]>>;

function shown(frame: string, size: Size, from: From): void {
  for (const [first, facts] of Object.entries(from)) {
    const large = SIZES.indexOf(size) >= SIZES.indexOf(first as Size);
    for (const fact of facts) expect(fact.test(frame), String(fact)).toBe(large);
  }
}

async function frameWith(state: State, size: Size, from: From): Promise<string> {
  const frame = await frameOf(state, size);
  shown(frame, size, from);
  return frame;
}

describe('the endpoint screen', () => {
  const tags = {
    team: 'risk',
    password: 'hunter2',
    ...(encodeTags({
      rolloutId: 'r1',
      owner: 'ada@example.com',
      roles: { blue: 'default', green: 'xgboost-model-2' },
      start: { default: 100 },
    }) as Record<string, string>),
  };
  const heart = endpoint(
    { default: 90, 'xgboost-model-2': 10 },
    { tags, description: 'Hearts', modifiedAt: '2026-03-01T11:00:00.000Z' },
  );
  const idle = endpoint({}, { name: 'empty', authMode: 'aad_token' });
  const listed = (endpoints = [heart, idle]): State =>
    onScreen(entered(withSession(PROD, undefined, { endpoints })), 'workspace', { info: START });

  test.each(SIZES)('at %s has what is known of the one under the cursor', async (size) => {
    const known = [
      /rollout +under way, started by ada@example\.com/,
      /deployments +blue default, green xgboost-model-2/,
      /abort sets +default=100/,
      /authentication +key/,
      /identity +system-assigned/,
      /description +Hearts/,
      /tags +team=risk password=••••\n/,
      /last change +1 h ago/,
      /scoring URI +https:\/\/heart\.westeurope/,
    ];
    const workspace = [/resource group +rg\n/];
    const frame = await frameWith(listed(), size, { '100x30': known, '120x40': workspace });
    expect(frame).toContain('a new endpoint');
    expect(frame.replace(/\s+/g, ' ')).toContain('the wizard continues at its current step.');
  });

  test.each(['120x40', '200x60'] as const)('at %s follows the cursor', async (size) => {
    const { press, frame } = await drawnAt(listed(), size);
    await press(KEY.down);
    expect(frame()).toMatch(
      /empty\n state +Succeeded\n split +no traffic\n authentication +Microsoft/,
    );
    await press(KEY.down);
    expect(frame()).toMatch(/costs +nothing by itself: deployments are billed by instance/);
    expect(frame()).toMatch(/\n prove +send the same rows to blue and green/);
  });

  test('lists all endpoints that fit, and of more as many as leave room for one', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...heart, name: `heart-${at}` }));
    const frame = await frameOf(listed(many(30)), '200x60');
    for (let at = 0; at < 30; at += 1) expect(frame).toContain(`heart-${at} `);
    expect(frame).toContain('abort sets');
    expect(await frameOf(listed(many(60)), '200x60')).toContain('1 of 61');
  });

  test.each(SIZES)('at %s has of a new one what it costs, and the workspace', async (size) => {
    const frame = await frameWith(MOMENTS['endpoint form']!, size, {
      '120x40': [/costs +nothing by itself/, /workspace\n name +ws\n region +westeurope/],
      '200x60': [/steps of a rollout/],
    });
    expect(frame).toContain('Create endpoint');
  });

  test.each(SIZES)('at %s has the deployments from which blue is chosen', async (size) => {
    await frameWith(MOMENTS['endpoint roles']!, size, {
      '100x30': [/role +deployment +model[^]*- +a +heart-classifier:1 +2 of \S+ +60%/],
    });
  });
});

describe('the model screens', () => {
  const column = (name: string, type: 'double' | 'long', required = true) =>
    ({ name, type, typeText: type, required }) as const;
  /** All columns are of one type, but for the first. */
  function lookOf(first: 'double' | 'long', version: string) {
    const inputs = LOOK.inputs.map(({ name }, at) => column(name, at === 0 ? first : 'long'));
    return {
      ...LOOK,
      inputs: inputs.map(({ name, type }) => ({ name, type })),
      signature: { inputs, outputs: [column('label', 'long', false)] },
      flavorData: { onnx: { onnx_version: version, data: 'model.onnx' } },
    };
  }
  const reviewed = onScreen(MOMENTS['new model, reviewed']!, 'new-model', {
    look: lookOf('long', '1.23'),
    liveLook: lookOf('double', '1.20'),
    ...(({ models }) => ({ models: models! }))(MOMENTS['new model']!.screens['new-model']!),
  });

  test.each(SIZES)("at %s a review has the signature beside that of blue's model", async (size) => {
    const frame = await frameWith(reviewed, size, {
      '100x30': [
        /onnx +onnx_version 1\.23 \(blue: 1\.20\), data model\.onnx/,
        // Folded into columns side by side where they do not fit below each other.
        /takes +type +required +BLUE/,
        /\n age +long +yes +double/,
      ],
    });
    expect(frame).toContain('Use it');
    if (size !== '200x60') return;
    expect(frame).toMatch(/\n label +long +no +long/);
    expect(frame).toMatch(
      /registered +on +type[^]*heart-classifier 1 +mlflow_model +\S+ +blue[^]*BLUE +default/,
    );
  });

  test.each(SIZES)(
    'at %s the list has what is known of the version under the cursor',
    async (size) => {
      const { press, frame } = await drawnAt(MOMENTS['new model']!, size);
      await press(KEY.down, KEY.down);
      shown(frame(), size, {
        '100x30': [/files +azureml:\/\/x/, /runs as +default\n/, /serves now +deployment/],
      });
      await press(KEY.down);
      shown(frame(), size, { '100x30': [/finds +what would stop its container/] });
      expect(frame()).toContain('❯ register a folder');
    },
  );
});

describe('the blue and green screens', () => {
  const probe = {
    initialDelay: 500,
    period: 10,
    timeout: 2,
    successThreshold: 1,
    failureThreshold: 30,
  };
  const green = MOMENTS['green']!;
  const { opened } = green.session!;
  const deployments = opened!.snapshot.deployments.map((each) => ({
    ...each,
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    otherMembers: { scaleSettings: 'fixed' },
  }));
  const priced: State = {
    ...green,
    session: {
      ...green.session!,
      prices: { Standard_DS3_v2: 0.5 },
      opened: { ...opened!, snapshot: { ...opened!.snapshot, deployments } },
    },
  };

  test.each(SIZES)('at %s green has what differs from blue, cores and cost', async (size) => {
    const frame = await frameWith(priced, size, {
      '100x30': [
        /differs +BLUE +GREEN\n model +heart-classifier:1 +heart-classifier:2\n scaleSettings +fixed +-/,
        /cores +in use[^]*standardDSv2Family +96 +100 +4 +12 +too few/,
        /both +\$2\.00 per hour, \$1460\.00 per month/,
      ],
      '120x40': [/same as blue\n instance_type, instance_count, liveness_probe, readiness_probe/],
    });
    expect(frame).toMatch(/Create heart-classifier-2 at 0%/);
  });

  // Of the sizes between, the command fills one.
  test.each(['60x18', '80x24', '200x60'] as const)(
    'at %s blue has cores, and other instance types',
    async (size) => {
      const { sizes, usages } = MOMENTS['blue']!.screens.blue!;
      const small = { ...sizes![0]!, name: 'Standard_DS2_v2', vCpus: 2, memoryGb: 7 };
      const state = onScreen(MOMENTS['blue']!, 'blue', {
        sizes: [...sizes!, small],
        usages: usages!.map((each) => ({ ...each, used: 60 })),
      });
      await frameWith(state, size, {
        '200x60': [
          /cores +in use[^]*standardDSv2Family +60 +100 +40 +8 +32/,
          /Standard_DS2_v2 +2 +7 GB +16\n/,
        ],
      });
    },
  );
});

describe('the test screen', () => {
  const sent = {
    ...sample(PLAIN, 5),
    columns: LOOK.inputs.map(({ name }) => name),
    rows: sample(PLAIN, 5).rows.map((row) => ({ ...row, values: LOOK.inputs.map(() => 1) })),
  };
  const { rows, ...rest } = tested(PLAIN, 5);
  const byBlue = rows.map((row) => ({
    ...row,
    answers: { [PLAIN.blue]: row.answers[PLAIN.blue]! },
  }));
  const answered = onScreen(MOMENTS['test, answered']!, 'test', {
    sample: sent,
    tested: { ...rest, rows: byBlue },
  });
  const reviewed = (state: State): State =>
    onScreen(state, 'blue-model', { mode: 'review', look: LOOK });

  test.each(SIZES)('at %s has before rows are sent who answers them', async (size) => {
    const facts = [
      /answers +deployment[^]*BLUE +default +heart-classifier:1/,
      /to +POST https:\/\/heart\.westeurope/,
      /requests +5 rows, one request each/,
    ];
    await frameWith(reviewed(MOMENTS['test']!), size, {
      '100x30': facts,
      '120x40': [/takes +type +required/],
    });
  });

  test.each(SIZES)('at %s has after it the figures, a body, and all cells', async (size) => {
    const frame = await frameWith(reviewed(answered), size, {
      '100x30': [/latency +41 ms to 41 ms, median 41 ms/],
    });
    // Cell by cell only where the requests do not stand beside their answers.
    expect(/\n thal +1 +1 +1 +1 +1/.test(frame)).toBe(size === '120x40');
    if (size !== '200x60') return;
    expect(frame).toMatch(/answered by +request\n/);
    expect(frame).toMatch(/\n age +double +yes\n sex +double +yes\n/);
    expect(frame).toMatch(/body sent for row 1, input_data\n columns +\["age", "sex"/);
    expect(frame).toMatch(/data +\[\[1, 1, 1/);
  });
});

test.each(SIZES)(
  'at %s the report screen has the timeline, and how the two answered',
  async (size) => {
    const split = (id: number, share: number, at: string) => ({
      ...done(id, {
        kind: 'setTraffic',
        endpoint: 'heart',
        from: {},
        to: { [PLAIN.blue]: 100 - share, [PLAIN.green]: share },
        why: 'advance',
      }),
      line: 10 * id,
      ended: { at: `2026-03-01T${at}.000Z`, seconds: 2, ok: true as const },
    });
    const { result } = tested();
    const latency = { rows: [1, 2], ms: { [PLAIN.blue]: [10, 30], [PLAIN.green]: [20, 45] } };
    const view = {
      changes: [split(1, 10, '11:00:00'), split(2, 100, '11:10:00')],
      judgements: [proofPassed(PLAIN.green), { ...splitSeen(PLAIN.green, 10), line: 11 }],
      tests: [
        { at: '2026-03-01T11:30:00.000Z', line: 1, result: { ...result, figures: { latency } } },
      ],
    };
    const { files } = MOMENTS['report']!.screens.report!;
    const ended = { ...rollout(PROD, { share: 100, view }), view: 'report' as const };
    const frame = await frameWith(onScreen(ended, 'report', { files: files! }), size, {
      '100x30': [/timeline +GREEN[^]*10% +\S+ +10 m 0 s +split as served: pass/],
      '120x40': [/latency +fastest[^\n]+\n BLUE +10 ms +20 ms/],
    });
    expect(frame).toContain('report.html');
  },
);
