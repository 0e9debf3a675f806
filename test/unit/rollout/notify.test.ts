/** Who is told what becomes of a rollout, by webhooks and commands, and what a failure of theirs does. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkProofPlan, proofPlanYaml, readProofPlan } from '../../../src/interop/proof-plan.js';
import { systemClock, type Clock } from '../../../src/common/clock.js';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import type { Judgement } from '../../../src/rollout/journal/entry.js';
import { newMemory } from '../../../src/rollout/moves/session-memory.js';
import { Notifier } from '../../../src/rollout/notify/notifier.js';
import { ProfileStore } from '../../../src/profiles/store.js';
import { openEndpointCommand } from '../../../src/wizard/effects/rollout.js';
import { connectionTo } from '../../support/connection.js';
import { performCommand } from '../../../src/wizard/effects/perform.js';
import type { World } from '../../../src/wizard/effects/world.js';
import { planForm } from '../../../src/wizard/plan-form.js';
import { readPlanForm } from '../../../src/wizard/read-plan-form.js';
import type { PlannedNotice } from '../../../src/common/notice.js';
import { beginRollout, type TestRollout } from '../../support/rollout.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const APPEND = `process.stdin.pipe(require('fs').createWriteStream(process.argv[1], {flags: 'a'}))`;

interface Got {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

const folder = mkdtempSync(join(tmpdir(), 'amlr-notify-'));
let sandbox: TestSandbox;
let rollout: TestRollout;
let server: Server;
let base: string;
let got: Got[] = [];
/** Of `/hangs`, which never answers. */
const hanging = new Set<() => void>();

beforeAll(async () => {
  sandbox = await startSandbox({ timeScale: 0.01 });
  const names = { endpoint: 'heart-told', rolloutId: 'told-1', journals: folder };
  rollout = await beginRollout(sandbox, names);
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      got.push({ path, headers: request.headers, body: JSON.parse(text) as Got['body'] });
      if (path === '/drops' && got.length < 3) return void response.destroy();
      if (path === '/hangs') return void hanging.add(() => response.destroy());
      if (path === '/moved') response.setHeader('location', `${base}/elsewhere`);
      if (path === '/busy') response.setHeader('retry-after', '7');
      const passing = got.length < 3 ? { '/busy': 429, '/ill': 503 }[path] : undefined;
      response.statusCode =
        passing ?? { '/moved': 307, '/fails': 500, '/refuses': 403 }[path] ?? 202;
      response.end('ok');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  hanging.forEach((end) => end());
  server?.close();
  await rollout?.close();
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => void (got = []));

function notifier(
  notify: PlannedNotice[] | undefined,
  variables: Record<string, string> = {},
  time?: Clock,
) {
  const said: string[] = [];
  const { engine } = rollout;
  const tell = (sentence: string): void => void said.push(sentence);
  const pauses: number[] = [];
  const delay = async (milliseconds: number): Promise<void> => void pauses.push(milliseconds);
  const clock: Clock = time ?? { now: () => Date.now(), delay };
  const made = new Notifier({
    engine,
    folder,
    tell,
    clock,
    variables: { ...process.env, ...variables },
    byDefault: [{ webhook: { urlFrom: 'PROFILE_HOOK' } }],
  });
  if (notify) made.use({ notify });
  return { made, said, pauses };
}

const hook = (path: string, format?: 'json' | 'teams' | 'slack') => ({
  notify: [{ webhook: { urlFrom: 'HOOK', ...(format && { format }) } }],
  variables: { HOOK: `${base}${path}` },
});

const judgement = (why: string, decision: Judgement['decision'] = 'stop'): Judgement => ({
  stage: 'watch',
  deployment: 'xgboost-model-2',
  weight: 30,
  verdicts: [{ mode: 'enforce', verdict: 'fail', why } as Verdict],
  decision,
});

describe('a webhook', () => {
  it('is sent JSON of what happened, once for what is said twice', async () => {
    const { notify, variables } = hook('/json');
    const { made, said } = notifier(notify, variables);
    rollout.engine.judged(judgement('errors: 12% of the requests failed'));
    rollout.engine.judged(judgement('errors: 12% of the requests failed'));
    rollout.engine.judged(judgement('fine', 'promote'));
    made.approval(30);
    await made.close();
    expect(said).toEqual([]);
    const [failed, approval, unwatched, ...more] = got.map(({ body }) => body);
    expect(more).toEqual([]);
    expect(failed).toEqual({
      schemaVersion: 1,
      event: 'gate-failed',
      message: `${sandbox.info.workspaceName}, heart-told (green xgboost-model-2): A gate failed at 30%.`,
      details: ['errors: 12% of the requests failed'],
      workspace: sandbox.info.workspaceName,
      endpoint: 'heart-told',
      rolloutId: 'told-1',
      owner: 'ada@contoso.com',
      blue: 'default',
      green: 'xgboost-model-2',
      weight: 30,
      traffic: { default: 70, 'xgboost-model-2': 30 },
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    expect(approval).toMatchObject({ event: 'approval', weight: 30 });
    expect(approval!['message']).toContain('Approval required at 30%.');
    expect(unwatched).toMatchObject({ event: 'unwatched' });
    expect(got[0]!.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(got[0]!.headers).not.toHaveProperty('authorization');
  });

  it('of Slack gets text in which nobody is called', async () => {
    const { notify, variables } = hook('/slack', 'slack');
    const { made } = notifier(notify, variables);
    rollout.engine.judged(judgement('<!channel> \u001b[31mred & \u202eblue'));
    await made.close({ leaves: false });
    expect(got).toHaveLength(1);
    expect(got[0]!.body['text']).toMatch(
      /A gate failed at 30%\.\n&lt;!channel&gt; red &amp; blue$/,
    );
  });

  it('of Teams gets an Adaptive Card in the envelope of Workflows, without Markdown', async () => {
    const { notify, variables } = hook('/teams', 'teams');
    const { made } = notifier(notify, variables);
    rollout.engine.judged(judgement('see [this](https://evil.example)'));
    await made.close({ leaves: false });
    const { type, attachments } = got[0]!.body as {
      type: string;
      attachments: { contentType: string; content: Record<string, unknown> }[];
    };
    expect(type).toBe('message');
    expect(attachments).toHaveLength(1);
    expect(attachments[0]!.contentType).toBe('application/vnd.microsoft.card.adaptive');
    const { content } = attachments[0]!;
    expect(content).toMatchObject({ type: 'AdaptiveCard', version: '1.4' });
    const blocks = content['body'] as { type: string; inlines: { text: string }[] }[];
    expect(blocks.map((each) => each.type)).toEqual(['RichTextBlock', 'RichTextBlock']);
    expect(blocks[1]!.inlines[0]!.text).toBe('see [this](https://evil.example)');
  });

  it('hides what looks like a secret', async () => {
    const { notify, variables } = hook('/json');
    const { made } = notifier(notify, variables);
    rollout.engine.judged(judgement('the server said: Bearer abcdefgh12345678'));
    await made.close({ leaves: false });
    expect(JSON.stringify(got[0]!.body)).not.toContain('abcdefgh12345678');
  });

  it('is told only what the plan says', async () => {
    const { notify, variables } = hook('/json');
    const { made } = notifier([{ ...notify[0], on: ['rolled-back'] }], variables);
    made.approval(30);
    await made.close();
    expect(got).toEqual([]);
  });

  it.each([
    ['/refuses', 'The webhook of HOOK answered 403.'],
    ['/moved', 'The webhook of HOOK redirects (307), which is not followed.'],
  ])('that fails (%s) is said without its address', async (path, sentence) => {
    const { notify, variables } = hook(path);
    const { made, said } = notifier(notify, variables);
    made.approval(30);
    await made.close({ leaves: false });
    expect(said).toEqual([`Not notified (approval): ${sentence}`]);
    expect(got.map((each) => each.path)).toEqual([path]);
  });

  it.each([
    ['/busy', [7000, 7000]],
    ['/ill', [2000, 2000]],
    ['/drops', [2000, 2000]],
  ])('that fails in passing (%s) is sent the same again', async (path, expected) => {
    const { notify, variables } = hook(path);
    const { made, said, pauses } = notifier(notify, variables);
    made.approval(30);
    await made.close({ leaves: false });
    expect(said).toEqual([]);
    expect(pauses).toEqual(expected);
    expect(got).toHaveLength(3);
    expect(got[2]!.body).toEqual(got[0]!.body);
  });

  it('that keeps failing is given up, and said once', async () => {
    const { notify, variables } = hook('/fails');
    const { made, said } = notifier(notify, variables);
    made.approval(30);
    await made.close({ leaves: false });
    expect(said).toEqual([
      'Not notified (approval): The webhook of HOOK answered 500 after 5 attempts.',
    ]);
    expect(got).toHaveLength(5);
  });

  it('that is still tried when the program ends is said with what was in the way', async () => {
    const { notify, variables } = hook('/fails');
    const { made, said } = notifier(notify, variables, systemClock);
    made.approval(30);
    await made.close({ leaves: false });
    expect(said).toEqual([
      expect.stringMatching(
        /^Not notified \(approval\): The webhook of HOOK answered 500( after \d attempts)?\. The program ended before the next attempt\.$/,
      ),
    ]);
  });

  it('of the profile gets what no plan names a target for', async () => {
    const addresses = { HOOK: `${base}/json`, PROFILE_HOOK: `${base}/profile` };
    for (const notify of [undefined, hook('').notify, []]) {
      const { made } = notifier(notify, addresses);
      made.approval(30);
      await made.close({ leaves: false });
    }
    expect(got.map(({ path }) => path)).toEqual(['/profile', '/json']);
  });

  it.each([
    [undefined, 'The environment variable HOOK is not set.'],
    ['hooks.example/secret', 'The environment variable HOOK holds no http or https address.'],
    [
      'http://127.0.0.1:1/secret',
      "The webhook of HOOK can't be reached (ECONNREFUSED) after 5 attempts.",
    ],
  ])('whose variable is %s is said', async (address, sentence) => {
    const { made, said } = notifier(hook('').notify, address ? { HOOK: address } : {});
    made.approval(30);
    await made.close({ leaves: false });
    expect(said).toEqual([`Not notified (approval): ${sentence}`]);
  });

  it('that never answers holds up neither the rollout nor the next target', async () => {
    const notify: PlannedNotice[] = [
      { webhook: { urlFrom: 'HANGS', timeoutSeconds: 1 } },
      { webhook: { urlFrom: 'HOOK' } },
    ];
    const addresses = { HANGS: `${base}/hangs`, HOOK: `${base}/json` };
    const { made, said } = notifier(notify, addresses);
    const began = performance.now();
    made.approval(30);
    // Nothing is awaited by who tells.
    expect(performance.now() - began).toBeLessThan(500);
    await made.close({ leaves: false });
    expect(said).toEqual([
      'Not notified (approval): The webhook of HANGS did not answer within 1 s, or until the program ended.',
    ]);
    expect(got.map(({ path }) => path).sort()).toEqual(['/hangs', '/json']);
  });
});

describe('the wizard', () => {
  it('sends what the profile says of an endpoint that it opens', async () => {
    const profiles = new ProfileStore(join(folder, 'profiles'));
    const { identityHeader: _, ...connection } = connectionTo(sandbox);
    const notify = [
      { command: { argv: [process.execPath, '-e', APPEND, join(folder, 'by.jsonl')] } },
    ];
    const { id, name } = profiles.add({ name: 'told', connection, notify });
    const world = {
      ...{ cwd: folder, program: 'test', profiles, workspace: rollout.workspace },
      paths: { journals: join(folder, 'of-wizard') },
      profile: { id, name, prod: false, sandbox: false, detail: '' },
    } as unknown as World;
    const context = { world, signal: new AbortController().signal, progress: () => undefined };
    await openEndpointCommand.carryOut({ endpoint: 'heart-told' }, context);
    const opened = world.rollout!;
    opened.notifier.approval(30);
    await opened.notifier.close();
    opened.journal.close();
    const lines = readFileSync(join(folder, 'by.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Got['body'])['event'])).toEqual([
      'approval',
      'unwatched',
    ]);
  });

  it('tells that the rollout waits for an approval, and then that nobody watches', async () => {
    const { engine, journal } = rollout;
    engine.judged(judgement('all is well again', 'promote'));
    const { made: notifying, said } = notifier(hook('/json').notify, hook('/json').variables);
    // The signatures are compared already.
    const memory = { ...newMemory(Date.now(), engine.view.lines), contract: true };
    const opened = { engine, journal, rolloutId: 'told-1', outputs: folder, memory };
    const world = { cwd: folder, rollout: { ...opened, notifier: notifying } } as unknown as World;
    const plan = {
      weights: [30, 100],
      holds: { minutes: 0, approval: true },
      gates: { split: { mode: 'off' as const } },
    };
    const move = { id: 'catch-up', blue: 'default', green: 'xgboost-model-2', weight: 30 } as const;
    const context = { world, signal: new AbortController().signal, progress: () => undefined };
    await performCommand.carryOut({ move, plan }, context);
    await notifying.close();
    expect(said).toEqual([]);
    expect(got.map(({ body }) => body['event'])).toEqual(['approval', 'unwatched']);
  });
});

describe('a command', () => {
  it('gets the news on its input, without a shell', async () => {
    const file = join(folder, 'told.json');
    const script = `process.stdin.pipe(require('fs').createWriteStream(process.argv[1]))`;
    const argv = [process.execPath, '-e', script, file];
    const { made, said } = notifier([{ command: { argv } }]);
    await rollout.engine.abort();
    await made.close();
    expect(said).toEqual([]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      event: 'rolled-back',
      endpoint: 'heart-told',
      traffic: { default: 100 },
    });
  });

  it.each([
    [[process.execPath, '-e', 'process.exit(3)'], `${process.execPath} ended with code 3.`],
    [['no-such-program-here'], "no-such-program-here can't be started (ENOENT)."],
  ])('%j that fails is said', async (argv, sentence) => {
    const { made, said } = notifier([{ command: { argv } }]);
    made.approval(30);
    await made.close({ leaves: false });
    expect(said).toEqual([`Not notified (approval): ${sentence}`]);
  });

  it('takes names and environment variables as a check does, and hides what they hold', async () => {
    const script = 'console.error(process.argv.slice(1).join(" ")); process.exit(3)';
    const argv = [process.execPath, '-e', script, '${endpoint}', 'to=${WHO}'];
    const { made, said } = notifier(
      [{ command: { argv } }, { command: { argv: ['a', '${NO}'] } }],
      {
        WHO: 'on-call-12345',
      },
    );
    made.approval(30);
    await made.close({ leaves: false });
    expect(new Set(said)).toEqual(
      new Set([
        'Not notified (approval): The environment variable NO is not set.',
        `Not notified (approval): ${process.execPath} ended with code 3. heart-told to=••••`,
      ]),
    );
  });
});

describe('a plan', () => {
  const text = `
notify:
  - webhook: {urlFrom: TEAMS_WEBHOOK, format: teams}
    on: [approval, gate-failed]
  - command: {argv: [./tell.sh, --loud], timeoutSeconds: 5}
`;

  it('keeps its notifications through the form and a saved file', () => {
    const { plan } = readProofPlan(text, 'plan.yml');
    expect(plan.notify).toHaveLength(2);
    expect(readProofPlan(proofPlanYaml(plan), 'saved.yml').plan.notify).toEqual(plan.notify);
    const edited = readPlanForm(planForm({ ...plan, weights: [100] }), { ...plan, weights: [100] });
    expect('plan' in edited && edited.plan.notify).toEqual(plan.notify);
  });

  it.each([
    [
      { webhook: { urlFrom: 'https://hooks.example/x' } },
      /environment variable that holds the add/,
    ],
    [{ webhook: { url: 'https://hooks.example/x' } }, /unknown key url|is missing|environment/],
    [{}, /either a webhook or a command/],
    [{ command: { argv: 'tell.sh' } }, /use a list/],
    [{ command: { argv: ['a'] }, on: ['always'] }, /use started, approval/],
    [{ command: { argv: ['a', '--token', 'abc'] } }, /write its secret as an environment variable/],
  ])('refuses %j', (each, sentence) => {
    const checked = checkProofPlan({ notify: [each] });
    const problems = 'problems' in checked ? checked.problems : [];
    expect(problems.map(({ message }) => message).join('\n')).toMatch(sentence);
  });
});
