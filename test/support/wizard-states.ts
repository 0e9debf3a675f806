/** Moments of the wizard as plain data: what the reducer and the screens are tested on. */
import type { AzureFailure, Deployment } from '../../src/azure/types.js';
import { rolesOf } from '../../src/rollout/roles.js';
import type { Snapshot } from '../../src/rollout/snapshot.js';
import {
  journalView,
  type ChangeRecord,
  type JournalView,
} from '../../src/rollout/journal/view.js';
import type { Command } from '../../src/wizard/effects/index.js';
import type { ModelLook } from '../../src/wizard/effects/models.js';
import type { Opened } from '../../src/wizard/effects/world.js';
import type { Sample } from '../../src/wizard/effects/sample.js';
import type { StartInfo } from '../../src/wizard/effects/start.js';
import type { Tested } from '../../src/wizard/effects/shown.js';
import { marked } from '../../src/wizard/read-plan-form.js';
import { placed } from '../../src/wizard/place.js';
import { planOverlay } from '../../src/wizard/plan-keys.js';
import { reduce } from '../../src/wizard/reducer.js';
import type { ProfileChoice, Session, State, StepFailure, Task } from '../../src/wizard/state.js';
import type { Screens } from '../../src/wizard/step.js';
import { deployment, endpoint, modelId, snapshot, WORKSPACE } from '../unit/rollout/fixtures.js';
import type { Split } from '../../src/common/split.js';

export const NOW = Date.parse('2026-03-01T12:00:00.000Z');

export const SANDBOX: ProfileChoice = {
  id: 'sandbox',
  name: 'sandbox',
  prod: false,
  sandbox: true,
  detail: 'this machine: no account, no cost',
};

export const PROD: ProfileChoice = {
  id: 'p1',
  name: 'ml-prod',
  prod: true,
  sandbox: false,
  detail: 'rg-ml / ml-prod',
  lastUsedAt: '2026-02-27T12:00:00.000Z',
};

/** Text that came from outside, which a test makes wide or hostile. */
export interface Words {
  blue: string;
  green: string;
  model: string;
  message: string;
  cell: string;
}

export const PLAIN: Words = {
  blue: 'default',
  green: 'xgboost-model-2',
  model: 'heart-classifier',
  message: 'User container has crashed or terminated: Liveness probe failed.',
  cell: '1',
};

export function emptyState(): State {
  return {
    now: NOW,
    startedAt: NOW - 151_000,
    defaults: {
      endpoint: 'heart-classifier-abc12',
      blueFolder: '/samples/heart-classifier/v1',
      newFolder: '/samples/heart-classifier/v2',
      csv: '/samples/heart.csv',
      seed: 4711,
      keepUntil: '2026-03-08',
    },
    implied: 'workspace',
    shown: [],
    screens: {},
    overlays: [],
    log: [],
    runs: {},
    lastRun: 0,
  };
}

export const START: StartInfo = {
  profiles: [
    PROD,
    {
      ...PROD,
      id: 'p2',
      name: 'ml-dev',
      prod: false,
      detail: 'rg-dev / ml-dev',
      lastUsedAt: '2026-02-08T12:00:00.000Z',
    },
    SANDBOX,
  ],
  rollouts: [
    {
      profileId: 'p1',
      profileName: 'ml-prod',
      prod: true,
      endpoint: 'heart-prod',
      rolloutId: 'r1',
      lastAt: '2026-03-01T11:05:00.000Z',
      summary: 'Green at 10%',
      about: {
        owner: 'ada@example.com',
        openedAt: '2026-03-01T10:00:00.000Z',
        split: { text: 'default=90 xgboost-model-2=10', at: '2026-03-01T11:00:20.000Z' },
        green: 'xgboost-model-2, model heart-classifier:2',
        weights: [10, 30, 100],
        judged: '7 of 8 passed at 10%, 1 inconclusive',
        changes: ['create deployment xgboost-model-2', 'set traffic xgboost-model-2=10'].map(
          (title) => ({ title, ended: { at: '2026-03-01T11:00:20.000Z', seconds: 20, ok: true } }),
        ),
      },
    },
  ],
  discovered: {
    from: 'az defaults',
    connection: { subscriptionId: 's', resourceGroup: 'rg-ml', workspaceName: 'ml-prod' },
  },
  notices: [],
};

export function journal(change: Partial<JournalView> = {}): JournalView {
  return { ...journalView([]), rolloutId: 'r1', owner: 'ada@example.com', ...change };
}

export function openedOf(now: Snapshot, view: JournalView): Opened {
  const found = rolesOf(now, view);
  return {
    endpoint: now.endpointName,
    rolloutId: 'r1',
    snapshot: now,
    journal: view,
    roles: found.roles,
    found,
    outputs: '/data/rollouts/heart-r1',
    session: { startedAt: 0, firstLine: 0 },
  };
}

export function withSession(
  profile: ProfileChoice,
  opened?: Opened,
  change: Partial<Session> = {},
): State {
  return placed({
    ...emptyState(),
    session: {
      profile,
      who: 'ada@example.com',
      info: WORKSPACE,
      endpoints: opened?.snapshot.endpoint ? [opened.snapshot.endpoint] : [],
      warnings: [],
      ...(opened && { opened }),
      ...change,
    },
  });
}

/** The state after its step was entered, as the store's first tick does it. */
export const entered = (state: State): State => reduce(state, { type: 'tick', now: NOW }).state;

export function onScreen<K extends keyof Screens>(
  state: State,
  step: K,
  change: Partial<Screens[K]>,
): State {
  const screen = { ...state.screens[step], ...change } as Screens[K];
  return { ...state, screens: { ...state.screens, [step]: screen } };
}

export const working = (state: State, task: Partial<Task> = {}): State => ({
  ...state,
  runs: { ...state.runs, run: 99 },
  task: { command: 'run', title: 'Setting traffic', startedAt: NOW - 4_000, writes: true, ...task },
});

/** A change that ended well. */
export function done(
  id: number,
  change: ChangeRecord['change'],
  splitBefore?: Split,
): ChangeRecord {
  return {
    id,
    change,
    title: `change ${id}`,
    line: 0,
    begunAt: '2026-03-01T11:00:00.000Z',
    ...(splitBefore && { splitBefore }),
    ended: { at: '2026-03-01T11:00:20.000Z', seconds: 20, ok: true },
  };
}

const versions = (words: Words) => ({
  [words.model]: ['2', '1'].map((version) => ({
    id: modelId(words.model, version),
    name: words.model,
    version,
    type: 'mlflow_model',
    uri: 'azureml://x',
    tags: {},
    flavors: ['python_function'],
  })),
});

/** Blue alone serves; a green of which nothing is known yet. */
export function blueOnly(
  profile: ProfileChoice,
  words = PLAIN,
  view: Partial<JournalView> = {},
): State {
  const blue = deployment(words.blue, { model: modelId(words.model, '1') });
  const now = snapshot(endpoint({ [words.blue]: 100 }), [blue], versions(words));
  return entered(withSession(profile, openedOf(now, journal(view))));
}

export interface RolloutOptions {
  words?: Words;
  /** Green's share. */
  share?: number;
  /** Shares of deployments that this rollout leaves alone. */
  others?: Split;
  proved?: boolean;
  green?: Partial<Deployment>;
  blue?: Partial<Deployment>;
  view?: Partial<JournalView>;
}

/** Blue and green beside each other, the rollout begun. */
export function rollout(profile: ProfileChoice, options: RolloutOptions = {}): State {
  return entered(withSession(profile, rolloutOpened(options)));
}

/** Probes met the deployments as the split says. */
export const splitSeen = (
  deployment: string,
  share: number,
): JournalView['judgements'][number] => ({
  at: new Date(NOW).toISOString(),
  line: 1,
  stage: 'split',
  deployment,
  weight: share,
  verdicts: [],
  decision: 'promote',
});

const ABORT = {
  do: 'perform',
  move: { id: 'abort', because: [] },
  plan: { weights: [] },
} as const satisfies Command;

/** The same rows on both, and no gate failed. */
export const proofPassed = (deployment: string): JournalView['judgements'][number] => ({
  at: '2026-03-01T11:30:00.000Z',
  line: 1,
  stage: 'prove',
  deployment,
  weight: 0,
  verdicts: [],
  decision: 'promote',
});

export function rolloutOpened({
  words = PLAIN,
  share = 0,
  others = {},
  proved = true,
  view = {},
  ...made
}: RolloutOptions = {}): Opened {
  const taken = Object.values(others).reduce((sum, each) => sum + each, 0);
  const start = { ...others, [words.blue]: 100 - taken };
  const traffic = { ...others, [words.blue]: 100 - taken - share, [words.green]: share };
  const deployments = [
    deployment(words.blue, { model: modelId(words.model, '1'), ...made.blue }),
    deployment(words.green, { model: modelId(words.model, '2'), ...made.green }),
    ...Object.keys(others).map((name) => deployment(name)),
  ];
  const now = snapshot(endpoint(traffic), deployments, versions(words));
  return openedOf(
    now,
    journal({
      roles: { blue: words.blue, green: words.green },
      choice: { newModel: { name: words.model, version: '2' } },
      splitAtStart: start,
      ...(proved && {
        tests: [{ at: '2026-03-01T11:30:00.000Z', line: 1, result: tested(words).result }],
      }),
      judgements: [
        ...(proved ? [proofPassed(words.green)] : []),
        ...(share > 0 ? [splitSeen(words.green, share)] : []),
      ],
      ...view,
    }),
  );
}

export const LOOK: ModelLook = {
  flavors: ['onnx', 'python_function'],
  inputs: [
    'age',
    'sex',
    'cp',
    'trestbps',
    'chol',
    'fbs',
    'restecg',
    'thalach',
    'exang',
    'oldpeak',
    'slope',
    'ca',
    'thal',
  ].map((name) => ({ name, type: 'double' })),
  outputs: [{ name: 'label', type: 'long' }],
  findings: [],
  metadata: { mlflow_version: '2.9.2' },
  flavorData: {},
  folder: '/samples/heart-classifier/v2',
};

export function sample(words = PLAIN, count = 300): Sample {
  return {
    spec: { path: '/samples/heart.csv', rows: count, seed: 4711, target: '', renames: {} },
    absolutePath: '/samples/heart.csv',
    target: 'target',
    columns: ['age'],
    form: 'columns',
    problems: [],
    rows: Array.from({ length: count }, (_, index) => ({
      number: index + 1,
      values: [1],
      truth: words.cell,
    })),
    totalRows: 303,
    sha256: 'f00d',
    matches: [],
  };
}

/** 300 rows on both; green differs on every hundredth. */
export function tested(words = PLAIN, count = 300, failing = 0): Tested {
  const { blue, green, cell } = words;
  const rows = Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    truth: cell,
    answers: {
      [blue]: { text: cell, latencyMs: 41, failed: false },
      [green]: {
        text: (index + 1) % 100 === 0 ? `not ${cell}` : cell,
        latencyMs: 44,
        failed: index < failing,
      },
    },
  }));
  const differing = rows.filter((row) => row.number % 100 === 0).map((row) => row.number);
  return {
    rows,
    result: {
      purpose: 'prove',
      csv: { name: 'heart.csv', sha256: 'f00d', seed: 4711, rows: count, rowNumbers: [] },
      deployments: [blue, green],
      answered: 2 * count - failing,
      failed: failing,
      agreed: count - differing.length,
      differing,
      right: { [blue]: 166, [green]: 168 },
      medianLatencyMs: { [blue]: 41, [green]: 44 },
    },
  };
}

export function failure(words = PLAIN, change: Partial<AzureFailure> = {}): AzureFailure {
  return {
    kind: 'provisioning',
    what: `create deployment ${words.green}`,
    message: words.message,
    advice: 'Read its log, mend the model, delete this deployment and make it again.',
    retrySafe: false,
    correlationId: '89c9d96af6461f4345bcb7080fb8f66f',
    ...change,
  };
}

export function stepFailure(words = PLAIN): StepFailure {
  return {
    failure: failure(words),
    usersNotice: `Users notice nothing: ${words.blue} still serves.`,
    logTail: ['Installing', `ModuleNotFoundError: No module named 'azureml.ai'`, words.cell],
    deployment: words.green,
    phases: [
      { name: 'system setup', state: 'done' },
      { name: 'image', state: 'done' },
      { name: 'model download', state: 'done' },
      { name: 'container start', state: 'failed' },
    ],
    seconds: 552,
  };
}

/** Every screen in each of its states, by a name that says which. */
export function moments(words = PLAIN): Record<string, State> {
  const start = onScreen(emptyState(), 'workspace', {
    mode: 'list',
    filtering: false,
    info: START,
    highlighted: 'rollout:0',
  });
  const connected = entered(
    withSession(PROD, undefined, { endpoints: [endpoint({ [words.blue]: 90, other: 10 })] }),
  );
  const setUp = entered(
    withSession(SANDBOX, openedOf(snapshot(endpoint({})), journal({ createdEndpoint: true }))),
  );
  const blueChosen = entered(
    withSession(
      SANDBOX,
      openedOf(
        snapshot(endpoint({}), [], versions(words)),
        journal({
          createdEndpoint: true,
          choice: { blueModel: { name: words.model, version: '1' } },
        }),
      ),
    ),
  );
  const created = { createdEndpoint: true, createdBlue: true, roles: { blue: words.blue } };
  const testing = blueOnly(SANDBOX, words, created);
  const choosing = blueOnly(PROD, words);
  const greening = blueOnly(PROD, words, {
    choice: { newModel: { name: words.model, version: '2' } },
  });
  const sizes = {
    sizes: [{ name: 'Standard_DS3_v2', family: 'standardDSv2Family', vCpus: 4, memoryGb: 14 }],
    usages: [{ family: 'standardDSv2Family', used: 96, limit: 100 }],
  };
  const proving = rollout(PROD, { words, proved: false });
  const proved = onScreen(proving, 'prove', { tested: tested(words), sample: sample(words) });
  const traffic = onScreen(
    rollout(PROD, { words, share: 10, view: { undo: [{ [words.blue]: 100 }] } }),
    'prove',
    {
      tested: tested(words),
      renames: {},
      offset: 0,
    },
  );
  const staged = onScreen(traffic, 'traffic', { staged: 30 });
  const retiring = rollout(PROD, { words, share: 100 });
  const reporting = rollout(PROD, {
    words,
    share: 100,
    view: { completed: { at: '2026-03-01T11:59:00.000Z', report: 'report.md' } },
  });
  const reported = onScreen((({ task: _, ...rest }) => rest)(reporting) as State, 'report', {
    files: [
      ['report', 'report.md'],
      ['report as page', 'report.html'],
      ['report as JSON', 'report.json'],
      ['charts', 'charts/weights.svg'],
      ['charts', 'charts/split.svg'],
      ['Azure CLI script', 'rollout.sh'],
      ['Python script', 'rollout.py'],
      ['MLflow script', 'rollout_mlflow.py'],
      ['YAML for az ml', 'endpoint.yml'],
      ['YAML for az ml', 'blue-deployment.yml'],
      ['YAML for az ml', 'green-deployment.yml'],
    ].map(([what = '', name = '']) => ({ what, path: `/data/rollouts/heart-r1/${name}` })),
  });
  const broken = rollout(PROD, { words, proved: false, green: { provisioningState: 'Failed' } });
  return {
    start,
    'start, first run': onScreen(start, 'workspace', {
      info: { profiles: [SANDBOX], rollouts: [], notices: [] },
      highlighted: 'profile:sandbox',
    }),
    'start, filtering': onScreen(start, 'workspace', { filtering: true, filter: 'dev' }),
    'start, connecting': working(start, {
      command: 'connect',
      title: 'Connecting to ml-prod',
      writes: false,
    }),
    'start, failed': onScreen(start, 'workspace', { failure: stepFailure(words) }),
    endpoints: connected,
    'endpoints, warned': {
      ...connected,
      session: { ...connected.session!, warnings: [words.message] },
    },
    'endpoint form': entered(withSession(SANDBOX)),
    'endpoint roles': entered(
      withSession(
        PROD,
        openedOf(
          snapshot(endpoint({ a: 60, b: 40 }), [deployment('a'), deployment('b')]),
          journal(),
        ),
      ),
    ),
    'endpoint failed': onScreen(connected, 'endpoint', { failure: stepFailure(words) }),
    'first model': setUp,
    'first model, reviewed': onScreen(setUp, 'blue-model', {
      mode: 'review',
      look: LOOK,
      subject: { kind: 'folder', model: words.model, folder: '/samples/v1' },
    }),
    blue: onScreen(blueChosen, 'blue', sizes),
    'blue, idle': entered(
      withSession(
        PROD,
        openedOf(
          snapshot(endpoint({}), [deployment(words.blue)], versions(words)),
          journal({ ...created, choice: { blueModel: { name: words.model, version: '1' } } }),
        ),
      ),
    ),
    'blue, running': working(blueChosen, {
      title: `Creating ${words.blue}`,
      deployment: words.blue,
      usualSeconds: 560,
      phases: stepFailure(words).phases!,
    }),
    test: testing,
    'test, answered': onScreen(testing, 'test', {
      sample: sample(words, 5),
      tested: tested(words, 5),
    }),
    'test, not fitting': onScreen(testing, 'test', {
      sample: {
        ...sample(words, 5),
        matches: [
          { wants: 'age', action: 'missing', problem: true },
          { has: words.cell, action: 'dropped' },
        ],
      },
    }),
    'new model': onScreen(choosing, 'new-model', {
      models: [{ name: words.model, versions: Object.values(versions(words)).flat() }],
    }),
    'new model, reviewed': onScreen(choosing, 'new-model', {
      mode: 'review',
      subject: { kind: 'version', model: words.model, version: '2' },
      liveLook: { ...LOOK, inputs: [] },
      look: {
        ...LOOK,
        findings: [{ level: 'error', text: words.message, advice: 'Add it to conda.yaml.' }],
      },
    }),
    green: onScreen(greening, 'green', sizes),
    'green, too little quota': onScreen(greening, 'green', {
      ...sizes,
      usages: [{ family: 'standardDSv2Family', used: 99, limit: 100 }],
    }),
    'green, crashed': onScreen(broken, 'green', { failure: stepFailure(words) }),
    prove: proving,
    'prove, sending': working(proving, {
      command: 'perform',
      title: 'Sending rows',
      writes: false,
      count: { done: 120, total: 300, unit: 'rows' },
    }),
    'prove, answered': proved,
    traffic,
    'traffic, staged': staged,
    'traffic, sending': working(staged, { usualSeconds: 20, abortQueued: true }),
    'traffic, probed': onScreen(traffic, 'traffic', {
      probe: {
        served: { [words.blue]: 88, [words.green]: 12 },
        sent: 100,
        failed: 0,
        configured: { [words.blue]: 90, [words.green]: 10 },
      },
    }),
    'traffic, others': onScreen(
      rollout(PROD, { words, share: 10, others: { c: 10, d: 5 } }),
      'traffic',
      { staged: 20 },
    ),
    'traffic, all': rollout(SANDBOX, { words, share: 100, view: {} }),
    'traffic, failed': onScreen(staged, 'traffic', { failure: stepFailure(words) }),
    retire: retiring,
    report: reported,
    'help over traffic': { ...staged, overlays: [{ kind: 'help' }] },
    'logs over traffic': {
      ...staged,
      overlays: [
        {
          kind: 'logs',
          deployment: words.green,
          container: 'inference-server',
          text: `${words.message}\n`.repeat(40),
        },
      ],
    },
    'code over traffic': {
      ...staged,
      overlays: [
        {
          kind: 'command',
          when: 'to send',
          language: 'az',
          changes: [
            {
              kind: 'setTraffic',
              endpoint: 'heart',
              from: {},
              to: { [words.blue]: 70, [words.green]: 30 },
              why: 'advance',
            },
          ],
        },
      ],
    },
    'rows over prove': { ...proved, overlays: [{ kind: 'rows', offset: 0 }] },
    'abort over traffic': {
      ...traffic,
      overlays: [
        {
          kind: 'confirm',
          title: 'Abort the rollout',
          lines: [words.message],
          choices: [
            { value: 'abort', label: 'Abort' },
            { value: 'no', label: 'Continue' },
          ],
          then: { abort: ABORT },
          task: 'Restoring',
        },
      ],
    },
    'stop over traffic': { ...traffic, overlays: [{ kind: 'stop', at: NOW }] },
    'leave over traffic': { ...traffic, overlays: [{ kind: 'leave' }] },
    'typing a name': {
      ...retiring,
      overlays: [
        {
          kind: 'type-name',
          title: 'Delete',
          lines: [words.message],
          name: words.blue,
          typed: 'def',
          then: { do: 'run', changes: [] },
          task: 'Deleting',
        },
      ],
    },
    'typing a share': { ...traffic, overlays: [{ kind: 'number', of: 'share', typed: '35' }] },
    'typing a reason': {
      ...staged,
      overlays: [
        {
          kind: 'reason',
          title: 'Override a failed gate',
          lines: [words.message],
          typed: 'be',
          then: { do: 'override', stage: 'prove' },
        },
      ],
    },
    'typing a plan': { ...traffic, overlays: [planOverlay(traffic)] },
    'a plan with mistakes': {
      ...traffic,
      overlays: [
        {
          ...planOverlay(traffic),
          form: marked(planOverlay(traffic).form, new Map([['rows', words.message]])),
        },
      ],
    },
    'holding over traffic': onScreen(traffic, 'traffic', {
      live: {
        weight: 10,
        watchedMs: 130_000,
        lookedUntil: NOW - 4_000,
        judgedUntil: NOW - 60_000,
        requests: 12,
        openGaps: 1,
        verdicts: [],
        gap: {
          from: '2026-03-01T11:42:00.000Z',
          to: '2026-03-01T11:55:00.000Z',
          cause: 'asleep',
        },
        probes: { sent: 8, p: 1 },
        asks: 'hold',
        why: words.message,
      },
    }),
    'row over prove': { ...proved, overlays: [{ kind: 'rows', offset: 1, open: true }] },
    message: { ...traffic, overlays: [{ kind: 'message', title: 'Note', lines: [words.message] }] },
  };
}
