/** What the moves of one session share: the engine, the plan, rows of its file, and who is told. */
import { withoutUndefined } from '../../common/without-undefined.js';
import type { Deployment, Endpoint } from '../../azure/types.js';
import type { Signature } from '../../sampling/signature.js';
import type { Change } from '../changes/change.js';
import { isBusy } from '../changes/conditions.js';
import { kindOf } from '../changes/kinds.js';
import type { Clock } from '../../common/clock.js';
import type { RolloutEngine } from '../engine.js';
import { ChangeError, DriftError, failureOf, GuardError } from '../errors.js';
import type { Decision } from '../evidence/gates/decision.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { signatureOfModel } from '../evidence/model-signatures.js';
import type { Judgement } from '../journal/entry.js';
import type { PlannedEvidence } from '../plan/proof.js';
import { isElsewhere } from '../plan/row-place.js';
import { retry, UNTIL_DONE } from '../retry.js';
import { hideSecrets } from '../../common/hide-secrets.js';
import type { Snapshot } from '../snapshot.js';
import { shareOf } from '../../common/split.js';
import { end, type Emit } from './events.js';
import type { RolloutPlan, Situation } from './facts.js';
import { rowPlaceOf, readRows, type SampledRows } from './rows.js';
import type { Done } from '../change-end.js';
import type { SessionMemory } from './session-memory.js';

/** Of the log of a deployment that failed. */
const LOG_LINES = 12;

export interface MoveOptions {
  engine: RolloutEngine;
  plan: RolloutPlan;
  /** Relative paths of the plan are read from here. */
  folder: string;
  clock: Clock;
  signal: AbortSignal;
  emit: Emit;
  /** Milliseconds until Azure Monitor tells a minute; 3 minutes. */
  lagMs?: number | undefined;
  /** Of the time since the split was set, what nobody watched in this session; milliseconds. */
  lostMs?: number | undefined;
  /** Each move follows at once on a look or on the move before it: nobody is asked in between. */
  atOnce?: boolean;
  /** Goes on watching live users after a hold is over, until the signal. */
  keepWatching?: boolean;
  /** Minutes without a request that blue has to stay before it is deleted. */
  bakeMinutes: number;
  /** Writes the report and the scripts; resolves with the report's path. */
  writeReport(): Promise<string>;
}

export class MoveContext {
  constructor(
    readonly options: MoveOptions,
    readonly memory: SessionMemory,
  ) {}

  get engine(): RolloutEngine {
    return this.options.engine;
  }

  get plan(): RolloutPlan {
    return this.options.plan;
  }

  get signal(): AbortSignal {
    return this.options.signal;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  get emit(): Emit {
    return this.options.emit;
  }

  get now(): Snapshot {
    const { snapshot } = this.engine;
    if (!snapshot) throw new Error('The endpoint has not been read yet.');
    return snapshot;
  }

  get endpoint(): Endpoint {
    const { endpoint, endpointName } = this.now;
    if (!endpoint) throw new DriftError(`Endpoint ${endpointName} no longer exists.`);
    return endpoint;
  }

  /** For what asks Azure Monitor. */
  get lag(): { lagMs?: number | undefined } {
    return { lagMs: this.options.lagMs };
  }

  /** For the requests' ids. */
  get runId(): string {
    return this.engine.view.rolloutId ?? '';
  }

  /** Green's traffic weight in percent. */
  get weight(): number {
    const { green } = this.engine.roles.roles;
    return green === undefined ? 0 : shareOf(this.now.endpoint?.traffic ?? {}, green);
  }

  deployment(name: string): Deployment {
    const found = this.now.deployments.find((each) => each.name === name);
    if (!found) throw new DriftError(`Deployment ${name} no longer exists.`);
    return found;
  }

  note(message: string): void {
    this.emit({ event: 'note', message });
  }

  /** @param model ARM id */
  signature(model: string): Promise<Signature | undefined> {
    const { signatures } = this.memory;
    const { engine, signal } = this;
    const known =
      signatures.get(model) ?? signatureOfModel(model, engine.workspace, signal, engine.snapshot);
    signatures.set(model, known);
    return known;
  }

  /** The plan's rows, where it names a file. */
  get evidence(): PlannedEvidence | undefined {
    const { evidence } = this.plan;
    const { csv } = this.engine.view.choice;
    // Rows that an earlier session sent are sampled again.
    const asked = evidence?.csv ?? csv?.path;
    if (asked === undefined) return undefined;
    // What a label or "the last hours" meant at first stands for the whole session.
    const path = this.memory.places.get(asked) ?? asked;
    const known = csv?.path === path ? csv : undefined;
    return {
      rows: known?.rows ?? DEFAULT_ROWS,
      seed: known?.seed ?? DEFAULT_SEED,
      target: known?.target,
      renames: known?.renames,
      ...withoutUndefined(evidence ?? {}),
      csv: path,
    };
  }

  /**
   * The first `count` rows of the plan's sample, fitted to the model. Rejects with an `InputError`
   * for a file that can't be read or doesn't fit, and where the plan names none.
   */
  async rows(count: number, model: string): Promise<SampledRows> {
    const { folder } = this.options;
    const { evidence, signal } = this;
    if (!evidence) throw noRows();
    const { told } = this.memory;
    // A larger sample of the same file has the same to tell.
    const emit: Emit = (event) => {
      if (event.event === 'note' && told.has(event.message)) return;
      if (event.event === 'note') told.add(event.message);
      this.options.emit(event);
    };
    const key = JSON.stringify([evidence, count, model]);
    const signature = await this.signature(model);
    const { rows } = this.memory;
    const place = rowPlaceOf(this.engine, folder, this.clock.now());
    const options = { ...place, signature, signal, emit };
    const sampled = rows.get(key) ?? readRows(evidence, count, options);
    rows.set(key, sampled);
    try {
      const read = await sampled;
      if (isElsewhere(read.path)) this.memory.places.set(evidence.csv, read.path);
      return read;
    } catch (error) {
      rows.delete(key);
      throw error;
    }
  }

  /**
   * Sends a change; what a deployment that failed left in its log is told.
   * @param urgent does not wait for deployments that an earlier session began
   */
  async run(change: Change, { urgent = false } = {}): Promise<Done> {
    const { engine, signal, emit, memory } = this;
    try {
      return await engine.run(change, {
        signal,
        urgent,
        checked: memory.checked,
        onProgress: (progress) =>
          progress.stage === 'note'
            ? this.note(progress.message)
            : emit({ event: 'progress', progress }),
      });
    } catch (error) {
      const failed = failureOf(error, '').kind === 'provisioning';
      if (failed && change.kind === 'createDeployment') {
        const { endpoint, deployment } = change;
        const log = await engine.workspace
          .deploymentLogs(endpoint, deployment, { tail: LOG_LINES }, signal)
          .catch(() => '');
        const lines = hideSecrets(log)
          .split('\n')
          .filter((line) => line.trim() !== '');
        if (lines.length > 0) emit({ event: 'log', deployment, lines });
      }
      throw error;
    }
  }

  /**
   * Writes to the endpoint, and tries again what passes: each time against what is observed then.
   * @param build the change against the last observation
   * @param urgent does not wait for deployments that an earlier session began
   */
  async write(build: () => Change, { urgent = false } = {}): Promise<void> {
    const { engine, signal, clock } = this;
    let sent: Change | undefined;
    await retry(
      UNTIL_DONE,
      async (attempt) => {
        if (attempt > 1) {
          const now = await engine.observe(signal);
          // An answer that was lost in transit may have been a yes.
          if (sent && kindOf(sent).readBack(sent, now) === undefined)
            return engine.tookEffect(signal);
        }
        sent = build();
        await this.run(sent, { urgent });
      },
      {
        signal,
        clock,
        passing: (error) =>
          error instanceof GuardError &&
          engine.snapshot?.endpoint &&
          isBusy(engine.snapshot.endpoint)
            ? 'busy'
            : undefined,
        onRetry: ({ message }) => this.emit({ event: 'waiting', message: `${message} Retrying.` }),
      },
    );
  }

  /**
   * Keeps what gates said, and tells it. Looks first: evidence from an endpoint that someone else
   * changed meanwhile says nothing. Rejects with a `DriftError` then.
   */
  async judge(
    stage: Judgement['stage'],
    weight: number,
    verdicts: Verdict[],
    decision: Decision['do'],
    why?: string,
  ): Promise<void> {
    const { engine, signal, emit } = this;
    await engine.observe(signal);
    if (engine.drift) throw new DriftError(engine.drift.sentence);
    const { green } = engine.roles.roles;
    const deployment = green ?? this.plan.green?.name ?? '';
    for (const verdict of verdicts) emit({ event: 'verdict', stage, weight, verdict });
    engine.judged({ stage, deployment, weight, verdicts, decision, ...(why && { why }) });
  }

  situation(): Situation {
    const { engine, memory, plan, clock } = this;
    return {
      plan,
      now: this.now,
      view: engine.view,
      known: engine.roles.roles,
      drift: engine.drift,
      session: memory,
      at: clock.now(),
    };
  }
}

const DEFAULT_ROWS = 300;
const DEFAULT_SEED = 4711;

const noRows = (): ChangeError =>
  new ChangeError({
    kind: 'invalid',
    what: 'send rows',
    message: 'There are no rows to send: neither the plan nor this rollout names a file.',
    advice:
      'Name a file or a data asset as evidence.data in the plan, or send rows from the proof first.',
    retrySafe: false,
  });

/** The endpoint refused the key or token, which says nothing of a model. */
export const signInRefused = (while_: string): Error =>
  end('access', `The endpoint refused the key or token (401) while ${while_}.`);
