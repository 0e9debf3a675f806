/**
 * Notifies the targets of the plan or the profile, in the background: nothing waits for a delivery, and
 * none that fails stops anything. Reads the engine's journal, so `run` and the wizard tell alike.
 */
import pLimit from 'p-limit';
import { systemClock, type Clock } from '../../common/clock.js';
import { hideSecrets, hideSecretsIn } from '../../common/hide-secrets.js';
import { sanitizeLine } from '../../common/sanitize.js';
import { formatSplit, shareOf } from '../../common/split.js';
import type { RolloutEngine } from '../engine.js';
import type { JournalView } from '../journal/view.js';
import { notPassed } from '../moves/judged.js';
import type { Next } from '../moves/move.js';
import { deliver, Undelivered } from './deliver.js';
import type { Notification } from './payloads.js';
import type { News, PlannedNotice } from '../../common/notice.js';

/** At the end of the program, for what is still on its way. */
const AT_THE_END_MS = 5_000;
const MOST_DETAILS = 8;
const MOST_CHARACTERS = 500;

interface NotifierOptions {
  engine: RolloutEngine;
  /** Where commands run. */
  folder: string;
  /** Of the profile: used where no plan has its own list. */
  byDefault?: readonly PlannedNotice[] | undefined;
  /** Told a sentence of each delivery that failed. */
  tell(sentence: string): void;
  variables?: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
}

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #unsubscribe: () => void;
  readonly #ended = new AbortController();
  readonly #running = new Set<Promise<void>>();
  /** News reach each target in their order. */
  readonly #turns = new Map<string, ReturnType<typeof pLimit>>();
  #planned: readonly PlannedNotice[] | undefined;
  #known: JournalView;
  #lastTold = '';

  constructor(options: NotifierOptions) {
    this.#options = options;
    const { engine } = options;
    this.#known = engine.view;
    this.#unsubscribe = engine.subscribe((event) => {
      if (event.type === 'journaled') this.#journaled();
    });
  }

  /** The plan of this session; without one the journal's is used, then the profile's list. */
  use({ notify }: { notify?: PlannedNotice[] }): void {
    if (notify) this.#planned = notify;
  }

  /** What the rollout waits for now. */
  next(next: Next): void {
    if (next.kind !== 'wait') return;
    if (next.wait.for === 'approval') this.approval(next.wait.weight);
    if (next.wait.for === 'loss') this.approval(0);
  }

  approval(weight: number): void {
    const at = weight === 0 ? 'before green gets traffic' : `at ${weight}%`;
    this.#tell('approval', `Approval required ${at}`);
  }

  /**
   * Waits some seconds for what is still on its way.
   * @param leaves nobody goes on with the rollout here, so green may be left unwatched
   */
  async close({ leaves = true } = {}): Promise<void> {
    this.#unsubscribe();
    const { completed, aborted } = this.#options.engine.view;
    const weight = this.#weight();
    if (leaves && weight > 0 && !completed && !aborted) {
      this.#tell('unwatched', `The rollout is unwatched: green has ${weight}% of the traffic`);
    }
    const timer = setTimeout(() => this.#ended.abort(), AT_THE_END_MS);
    await Promise.all(this.#running);
    clearTimeout(timer);
  }

  #weight(): number {
    const { roles, snapshot } = this.#options.engine;
    const { green } = roles.roles;
    return green === undefined ? 0 : shareOf(snapshot?.endpoint?.traffic ?? {}, green);
  }

  /** What the last line of the journal means to someone who is not looking. */
  #journaled(): void {
    const { view } = this.#options.engine;
    const before = this.#known;
    this.#known = view;
    if (view.splitAtStart && !before.splitAtStart) this.#tell('started', 'Rollout started');
    const judged = view.judgements.at(-1);
    if (judged && view.judgements.length > before.judgements.length && !judged.override) {
      const { decision, weight, verdicts, why } = judged;
      if (decision === 'stop' || decision === 'hold') {
        const whys = [
          ...(why === undefined ? [] : [why]),
          ...notPassed(verdicts).map((v) => v.why),
        ];
        const sentence = decision === 'stop' ? 'A gate failed' : 'A gate did not pass';
        this.#tell('gate-failed', `${sentence} at ${weight}%`, whys);
      }
    }
    if (view.aborted && !before.aborted) {
      // Also of a rollout that moved no traffic.
      const split = formatSplit(view.aborted.restored);
      this.#tell('rolled-back', `Aborted: traffic is as at the start, ${split}`);
    }
    if (view.completed && !before.completed && !view.aborted && this.#weight() > 0) {
      this.#tell('promoted', `Promoted: green has ${this.#weight()}% of the traffic`);
    }
  }

  #tell(event: News, what: string, why: readonly string[] = []): void {
    const { engine, byDefault = [] } = this.#options;
    const planned = this.#planned ?? engine.view.choice.plan?.notify ?? byDefault;
    const targets = planned.filter(({ on }) => on === undefined || on.includes(event));
    if (targets.length === 0) return;
    const news = this.#notification(event, what, why);
    // A hold that looks again says the same again.
    const told = JSON.stringify([event, news.message, news.details]);
    if (told === this.#lastTold) return;
    this.#lastTold = told;
    for (const target of targets) this.#send(target, news);
  }

  #notification(event: News, what: string, why: readonly string[]): Notification {
    const { engine } = this.#options;
    const { snapshot, endpoint, view } = engine;
    const { blue, green } = engine.roles.roles;
    const { workspaceName } = view.workspace ?? engine.workspace.connection;
    const of = green === undefined ? endpoint : `${endpoint} (green ${green})`;
    // A secret that is cut first may no longer look like one.
    const line = (text: string): string => sanitizeLine(hideSecrets(text), MOST_CHARACTERS);
    return hideSecretsIn({
      schemaVersion: 1,
      event,
      message: line(`${workspaceName}, ${of}: ${what}.`),
      details: why.slice(0, MOST_DETAILS).map(line),
      workspace: line(workspaceName),
      endpoint: line(endpoint),
      ...(view.rolloutId !== undefined && { rolloutId: line(view.rolloutId) }),
      ...(view.owner !== undefined && { owner: line(view.owner) }),
      ...(blue !== undefined && { blue: line(blue) }),
      ...(green !== undefined && { green: line(green) }),
      weight: this.#weight(),
      traffic: { ...snapshot?.endpoint?.traffic },
      time: new Date().toISOString(),
    } satisfies Notification);
  }

  #send(target: PlannedNotice, news: Notification): void {
    const { engine, folder, tell, variables = process.env, clock = systemClock } = this.#options;
    const key = JSON.stringify(target);
    const turn = this.#turns.get(key) ?? pLimit(1);
    this.#turns.set(key, turn);
    const { workspace } = engine;
    const around = { workspace, folder, variables, clock, signal: this.#ended.signal };
    const sent = turn(() => deliver(target, news, around)).catch((error: unknown) => {
      const why = error instanceof Undelivered ? error.message : 'The notification failed.';
      tell(`Not notified (${news.event}): ${sanitizeLine(why, MOST_CHARACTERS)}`);
    });
    this.#running.add(sent);
    void sent.finally(() => this.#running.delete(sent));
  }
}
