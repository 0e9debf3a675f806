/** Carries commands out beside React, one AbortController a run, and sends the answers back. */
import { setMaxListeners } from 'node:events';
import { failureOf } from '../rollout/errors.js';
import type { Command, CommandFailure, CommandName } from './effects/contract.js';
import { fileHandlers } from './effects/files.js';
import { modelHandlers } from './effects/models.js';
import { planHandlers } from './effects/plan.js';
import { rolloutHandlers } from './effects/rollout.js';
import { moveHandlers } from './effects/perform.js';
import { sampleHandlers } from './effects/sample.js';
import { closeWorld, startHandlers } from './effects/start.js';
import { openedOf, type Context, type Handlers, type World } from './effects/world.js';
import { titleOf } from '../rollout/moves/index.js';
import { deploymentPhases } from '../rollout/deployment-phases.js';
import type { State } from './state.js';
import type { Issued, Store } from './store.js';

const HANDLERS: Handlers = {
  ...startHandlers,
  ...rolloutHandlers,
  ...modelHandlers,
  ...moveHandlers,
  ...sampleHandlers,
  ...fileHandlers,
  ...planHandlers,
};

/** What a person would call what failed. */
const WHAT: Partial<Record<CommandName, string>> = {
  loadStart: 'reading saved workspaces',
  connect: 'connecting',
  findWorkspaces: 'looking for workspaces',
  openEndpoint: 'opening the endpoint',
  writeReport: 'writing the report',
  sample: 'reading the CSV',
  planLoad: 'reading live metrics',
  watch: 'watching live users',
};

/** Counts come with every row; the screen is drawn at most 15 times a second. */
const COUNT_EVERY_MS = 70;

/** Passes on what is new; of counts, the last of all and one in a while. */
function paced(tell: Context['progress']): Context['progress'] {
  let told = -Infinity;
  return (progress) => {
    if (progress.kind === 'count' && progress.done < progress.total) {
      const now = performance.now();
      if (now - told < COUNT_EVERY_MS) return;
      told = now;
    }
    tell(progress);
  };
}

export class Runner {
  readonly #running = new Map<number, { name: CommandName; controller: AbortController }>();

  constructor(
    private readonly store: Store,
    private readonly world: World,
  ) {}

  readonly start = ({ run, command }: Issued): void => {
    const controller = new AbortController();
    // Each request under way listens to it, and a load check sends many at once.
    setMaxListeners(0, controller.signal);
    this.#running.set(run, { name: command.do, controller });
    void this.#carryOut(run, command, controller.signal).finally(() => this.#running.delete(run));
  };

  /** Stops what the state no longer waits for: a step that was left, a newer run of the same. */
  readonly settle = (state: State): void => {
    for (const [run, { name, controller }] of this.#running) {
      if (state.runs[name] !== run) controller.abort();
    }
  };

  async close(): Promise<void> {
    for (const { controller } of this.#running.values()) controller.abort();
    await closeWorld(this.world);
  }

  async #carryOut(run: number, command: Command, signal: AbortSignal): Promise<void> {
    const context: Context = {
      world: this.world,
      signal,
      progress: paced((progress) =>
        this.store.dispatch({ type: 'progress', run, do: command.do, progress }),
      ),
    };
    try {
      const handler = HANDLERS[command.do] as (
        command: Command,
        context: Context,
      ) => Promise<unknown>;
      const answer = await handler(command, context);
      this.store.dispatch({ type: 'answered', run, do: command.do, answer } as never);
    } catch (error) {
      if (signal.aborted) return;
      const failed = await this.#failure(command, error);
      this.store.dispatch({ type: 'failed', run, do: command.do, failed });
    }
  }

  /** The failure, and what the workspace and the container's log say after it. */
  async #failure(command: Command, error: unknown): Promise<CommandFailure> {
    const what = command.do === 'perform' ? titleOf(command.move) : WHAT[command.do];
    const failure = failureOf(error, what ?? command.do);
    const { rollout, workspace } = this.world;
    const acts = command.do === 'run' || command.do === 'perform' || command.do === 'watch';
    if (!acts || !rollout || !workspace) return { failure };
    await rollout.engine.observe().catch(() => undefined);
    const changes = command.do === 'run' ? command.changes : [];
    const made = changes.find((change) => change.kind === 'createDeployment');
    const deployment = made?.kind === 'createDeployment' ? made.deployment : undefined;
    const exists = rollout.engine.snapshot?.deployments.some((each) => each.name === deployment);
    const log =
      deployment !== undefined && exists
        ? await workspace
            .deploymentLogs(rollout.engine.endpoint, deployment, { tail: 200 })
            .catch(() => undefined)
        : undefined;
    const phases = log === undefined ? undefined : deploymentPhases(log);
    return {
      failure,
      ...(rollout.engine.snapshot && { opened: openedOf(rollout) }),
      ...(deployment !== undefined && { deployment }),
      ...(log !== undefined && { log }),
      ...(phases && { phases }),
    };
  }
}
