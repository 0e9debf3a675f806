/** What the moves of one run share. */
import type { Deployment, Endpoint } from '../../azure/types.js';
import type { Signature } from '../../sampling/signature.js';
import type { Clock } from '../clock.js';
import type { RolloutEngine } from '../engine.js';
import { signatureOfModel } from '../evidence/model-signatures.js';
import type { Plan } from '../plan.js';
import { probingOf } from '../plan/proof.js';
import type { Snapshot } from '../snapshot.js';
import { end, type Emit } from './events.js';
import { drawRows, type DrawnRows } from './rows.js';
import type { Progress } from './next-move.js';

export interface CarryOutOptions {
  engine: RolloutEngine;
  plan: Plan;
  /** Relative paths of the plan are read from here. */
  folder: string;
  /** Where the plan was read from. */
  planFile?: { name: string; sha256: string };
  clock: Clock;
  signal: AbortSignal;
  emit: Emit;
  /** May it go on past the hold at this share? Anything but `true` ends the run there. */
  approve(share: number): Promise<boolean>;
  /** Why traffic may move although the proof did not pass. */
  override?: string;
  /** Go on from what is live, although someone else moved it. */
  adopt?: boolean;
  /** Milliseconds until Azure Monitor tells a minute; 3 minutes. */
  lagMs?: number;
  /** Writes the report and the scripts; resolves with the report's path. */
  writeReport(): Promise<string>;
}

export class Session {
  progress: Progress = {};
  /** Epoch milliseconds. A split set before was set by another run. */
  readonly startedAt: number;
  readonly budget: { left: number };
  readonly #signatures = new Map<string, Promise<Signature | undefined>>();
  readonly #drawn = new Map<string, Promise<DrawnRows>>();

  constructor(readonly options: CarryOutOptions) {
    this.startedAt = options.clock.now();
    const sent = options.engine.view.probesSent;
    this.budget = { left: Math.max(0, probingOf(options.plan).budget - sent) };
  }

  get now(): Snapshot {
    const { snapshot } = this.options.engine;
    if (!snapshot) throw new Error('The endpoint was not looked at yet.');
    return snapshot;
  }

  get endpoint(): Endpoint {
    const { endpoint, endpointName } = this.now;
    if (!endpoint) throw end('drift', `Endpoint ${endpointName} is gone.`);
    return endpoint;
  }

  /** For what asks Azure Monitor. */
  get lag(): { lagMs?: number } {
    const { lagMs } = this.options;
    return lagMs === undefined ? {} : { lagMs };
  }

  /** For the requests' ids. */
  get runId(): string {
    return this.options.engine.view.rolloutId ?? '';
  }

  deployment(name: string): Deployment {
    const found = this.now.deployments.find((each) => each.name === name);
    if (!found) throw end('drift', `Deployment ${name} is gone.`);
    return found;
  }

  note(message: string): void {
    this.options.emit({ event: 'note', message });
  }

  /** @param model ARM id */
  signature(model: string): Promise<Signature | undefined> {
    const { engine, signal } = this.options;
    const known = this.#signatures.get(model) ?? signatureOfModel(model, engine.workspace, signal);
    this.#signatures.set(model, known);
    return known;
  }

  /** The first `count` rows of the plan's draw, fitted to the model. */
  async rows(count: number, model: string): Promise<DrawnRows> {
    const { plan, folder, signal, emit } = this.options;
    const { evidence } = plan;
    if (!evidence) throw new Error('The plan names no rows.');
    const key = `${count} ${model}`;
    const signature = await this.signature(model);
    const drawn =
      this.#drawn.get(key) ?? drawRows(evidence, count, { folder, signature, signal, emit });
    this.#drawn.set(key, drawn);
    return drawn;
  }
}
