/**
 * Carries a plan out without a screen: performs what `nextMove` says, and answers what it waits for
 * from flags, or ends there.
 */
import { isDeepStrictEqual } from 'node:util';
import { kindOf } from '../changes/kinds.js';
import type { EngineEvent } from '../engine-events.js';
import type { Loss } from '../inherit.js';
import type { Plan } from '../plan.js';
import type { ProofPlan } from '../plan/proof.js';
import { rowsFrom } from '../plan/row-place.js';
import { shareOf } from '../../common/split.js';
import { checkPlan } from './check-plan.js';
import { MoveContext, type MoveOptions } from './context.js';
import { newMemory } from './session-memory.js';
import { adviceOf, endingOf, silentBlue } from './ending.js';
import { end, type Emit, type Outcome } from './events.js';
import { perform } from './index.js';
import { notPassed, splitChange } from './judged.js';
import type { Move, Wait } from './move.js';
import { nextMove } from './next-move.js';
import { outcomeOf } from './outcome.js';
import { overrideLast } from './override.js';

interface CarryOutOptions extends Omit<MoveOptions, 'plan' | 'atOnce' | 'keepWatching' | 'lostMs'> {
  plan: Plan;
  /** Where the plan was read from. */
  planFile?: { name: string; sha256: string };
  /**
   * May it go on past the hold at this weight, or with losses create a green that lacks these settings
   * of blue? Anything but `true` ends the run there.
   */
  approve(weight: number, losses: readonly Loss[]): Promise<boolean>;
  /** Why traffic may move although a gate did not pass. */
  override?: string;
  /** Go on from what is live, although someone else changed it. */
  adopt?: boolean;
  /** Delete a green of this rollout that serves another model than the plan's. */
  replaceGreen?: boolean;
}

const WAIT_MS = 2_000;
/** Longer than any operation of Azure. */
const PATIENCE_MS = 90 * 60_000;
/** No plan has this many; a fault of this program must not send changes for ever. */
const MOST_MOVES = 500;

/** Never rejects, but with a fault of this program. */
export async function carryOut(options: CarryOutOptions): Promise<Outcome> {
  const { engine, signal, emit } = options;
  const unsubscribe = engine.subscribe((event) => forward(event, emit));
  try {
    return await new Run(options).toTheEnd();
  } catch (error) {
    const outcome = outcomeOf(error, signal.aborted);
    if (!outcome) throw error;
    // A look takes several requests: what was found in one of them says nothing of the others.
    if (outcome.kind === 'drift') await options.engine.observe(signal).catch(() => undefined);
    return outcome;
  } finally {
    unsubscribe();
  }
}

class Run {
  readonly #context: MoveContext;
  #waitingFor = '';
  #waitingSince = 0;

  constructor(readonly options: CarryOutOptions) {
    const memory = newMemory(options.clock.now(), options.engine.view.lines);
    this.#context = new MoveContext({ ...options, atOnce: true }, memory);
  }

  async toTheEnd(): Promise<Outcome> {
    const { engine, plan, signal } = this.options;
    await this.#begin();
    for (let count = 0; count < MOST_MOVES; count += 1) {
      const next = nextMove(this.#context.situation());
      switch (next.kind) {
        case 'over':
          return next.outcome === 'promoted' ? this.#promoted() : this.#aborted();
        case 'refused':
          throw end(next.outcome, next.sentence);
        case 'wait':
          if (next.wait.for === 'operation') count -= 1;
          await this.#answer(next.wait);
          await engine.observe(signal);
          break;
        case 'move':
          this.#waitingFor = '';
          await this.#perform(next.move);
      }
    }
    throw new Error(`The plan for ${plan.endpoint.name} did not finish.`);
  }

  async #begin(): Promise<void> {
    const { engine, plan, signal, adopt, override, replaceGreen } = this.options;
    await engine.settle(signal);
    const now = await engine.observe(signal);
    const { drift } = engine;
    if (drift && adopt) {
      this.#context.note(`${drift.sentence} This run adopts that.`);
      engine.adopt();
    }
    if (!engine.drift) {
      const losses = await checkPlan(plan, this.#context, now, override);
      if (losses && losses.length > 0) await this.#approveLosses(losses);
      else if (losses) this.#context.memory.checked = true;
    }
    this.#keepPlan();
    const { memory } = this.#context;
    memory.replaceGreen = replaceGreen === true;
    const left = shareOf(now.endpoint?.traffic ?? {}, plan.green.name);
    if (left > 0) memory.left = left;
  }

  /** For the report, and for whoever resumes it on a screen. */
  #keepPlan(): void {
    const { engine, plan, folder, planFile } = this.options;
    const { endpoint: _, blue: __, green: ___, retire: ____, evidence, ...proof } = plan;
    const kept: ProofPlan = {
      ...proof,
      ...(evidence && { evidence: { ...evidence, csv: rowsFrom(folder, evidence.csv) } }),
    };
    const { choice } = engine.view;
    const same = isDeepStrictEqual([choice.plan, choice.planFile], [kept, planFile]);
    if (!same) engine.choose({ plan: kept, ...(planFile && { planFile }) });
  }

  async #perform(move: Move): Promise<void> {
    const { plan, emit, signal } = this.options;
    try {
      const result = await perform(move, this.#context);
      const more = this.#context.memory.more;
      if (move.id === 'prove' && more && result) {
        const message = more.again
          ? 'Every row of the file was sent; some are sent again, for latency only.'
          : 'The gates are inconclusive.';
        emit({ event: 'more', what: 'rows', count: more.count, message });
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const outcome = outcomeOf(error, false);
      if (move.id === 'create-blue' && outcome?.kind === 'stopped') {
        const name = plan.blue?.name ?? '';
        throw end('blue-down', `Blue (${name}) did not start.`, ...outcome.lines);
      }
      if (move.id !== 'abort') throw error;
      if (!outcome || outcome.kind === 'drift') throw error;
      throw end(
        'not-rolled-back',
        `A gate failed and the split at the start could not be restored: ${outcome.lines[0] ?? ''}`,
        `${plan.green.name} was last seen with ${this.#context.weight}% of the traffic.`,
        ...move.because,
      );
    }
  }

  async #answer(wait: Wait): Promise<void> {
    switch (wait.for) {
      case 'operation':
        return this.#pause(wait.what);
      case 'adoption': {
        const advice = 'Add --adopt to continue from the current split, or roll back.';
        throw end('drift', wait.drift.sentence, advice);
      }
      case 'choice':
        throw end(wait.of === 'weight' ? 'held' : 'refused', wait.sentence);
      case 'rows':
        throw end(this.#context.weight > 0 ? 'held' : 'refused', wait.sentence);
      case 'loss':
        for (const { sentence } of wait.losses) this.#context.note(sentence);
        return this.#approveLosses(wait.losses);
      case 'approval':
        return this.#approve(wait.weight);
      case 'reason':
        return this.#override(wait);
    }
  }

  async #pause(what: string): Promise<void> {
    const { clock, emit, signal } = this.options;
    if (this.#waitingFor !== what) {
      this.#waitingFor = what;
      this.#waitingSince = clock.now();
      emit({ event: 'waiting', message: `Waiting: ${what}.` });
    }
    if (clock.now() - this.#waitingSince > PATIENCE_MS) {
      throw end('held', `Timed out after ${PATIENCE_MS / 60_000} minutes: ${what}.`);
    }
    await clock.delay(WAIT_MS, signal);
  }

  async #approve(weight: number): Promise<void> {
    const { engine, approve, signal } = this.options;
    this.#context.memory.checked = false;
    if (!(await approve(weight, []))) {
      signal.throwIfAborted();
      throw end('approval', `Approval required at ${weight}%.`);
    }
    const change = splitChange(engine.view);
    engine.choose({ holdEnded: { change, weight, why: 'approved' } });
  }

  /** Before green is paid for: what of blue it will not have. */
  async #approveLosses(losses: readonly Loss[]): Promise<void> {
    const { engine, approve, signal } = this.options;
    this.#context.memory.checked = false;
    const lines = losses.map(({ sentence }) => sentence);
    if (!(await approve(0, losses))) {
      signal.throwIfAborted();
      throw end(
        'approval',
        'Approval required: green does not get everything that blue has.',
        ...lines,
      );
    }
    const before = engine.view.choice.approvedLosses ?? [];
    engine.choose({ approvedLosses: [...before, ...losses.map(({ member }) => member)] });
  }

  /**
   * A reason given when a run is resumed is about the weight it was left at; what fails later
   * nobody has seen yet.
   */
  async #override(wait: Extract<Wait, { for: 'reason' }>): Promise<void> {
    const { engine, plan, override, signal } = this.options;
    const { stage, weight } = wait;
    const { memory } = this.#context;
    if (override !== undefined && (weight === 0 || weight === memory.left)) {
      await engine.observe(signal);
      overrideLast(engine, stage, plan.green.name, override);
      this.#context.note(`Override: ${override}`);
      return;
    }
    const last = engine.view.judgements.findLast((each) => each.stage === stage);
    const silent = stage === 'prove' ? silentBlue(engine.view.tests) : undefined;
    if (silent !== undefined) {
      throw end('blue-down', silent, ...wait.verdicts.map(({ why }) => why));
    }
    const whys = last?.why === undefined ? wait.verdicts.map(({ why }) => why) : [last.why];
    const [kind, sentence] = endingOf(wait, plan.green.name);
    throw end(kind, sentence, ...whys, ...adviceOf(wait));
  }

  #promoted(): Outcome {
    const { plan } = this.options;
    const { endpoint, endpointName } = this.#context.now;
    const weight = shareOf(endpoint?.traffic ?? {}, plan.green.name);
    const line = `Promoted: ${plan.green.name} has ${weight}% of the traffic on ${endpointName}.`;
    return { kind: 'promoted', lines: [line] };
  }

  #aborted(): Outcome {
    const { engine, plan } = this.options;
    const { name } = plan.green;
    const failed = engine.view.judgements.findLast(({ decision }) => decision === 'stop');
    if (!failed) return { kind: 'stopped', lines: [`Aborted: ${name} no longer gets traffic.`] };
    const { stage, weight, verdicts, why } = failed;
    const sentence =
      stage === 'watch'
        ? `Live users are worse off at ${weight}%: ${name} no longer gets traffic.`
        : `A gate failed at ${weight}%: ${name} no longer gets traffic.`;
    const because = notPassed(verdicts).map((each) => each.why);
    return { kind: 'stopped', lines: [sentence, ...(why === undefined ? because : [why])] };
  }
}

function forward(event: EngineEvent, emit: Emit): void {
  switch (event.type) {
    case 'begun': {
      const { usualSeconds } = kindOf(event.change);
      emit({ event: 'sending', title: event.title, usualSeconds });
      break;
    }
    case 'confirmed':
      emit({ event: 'confirmed', title: event.title, seconds: event.seconds });
      break;
    case 'failed':
      emit({ event: 'failed', title: event.title, message: event.failure.message });
      break;
    case 'settling':
      emit({
        event: 'waiting',
        message: `${event.title} began earlier. Checking how it ended.`,
      });
      break;
    case 'aborted':
      emit({ event: 'aborted', restored: event.restored });
      break;
    case 'observed':
    case 'progress':
    case 'left':
    case 'aborting':
    case 'journaled':
      break;
  }
}
