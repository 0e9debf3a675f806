/**
 * Carries a plan out without a screen, by the engine, the journal and the gates that the wizard
 * has. Looks at the workspace before every move, and asks `nextMove` what follows from it.
 */
import { registryModel } from '../../common/model-ref.js';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../changes/change.js';
import { findDeployment, isBusy } from '../changes/conditions.js';
import { kindOf } from '../changes/kinds.js';
import type { EngineEvent } from '../engine-events.js';
import { failureOf, GuardError } from '../errors.js';
import type { ModelChoice } from '../journal/entry.js';
import { evidenceProblem, type PlannedModel } from '../plan.js';
import type { ProofPlan } from '../plan/proof.js';
import { hideSecretsIn } from '../../common/hide-secrets.js';
import { shareOf } from '../split.js';
import { decodeTags } from '../tags.js';
import { end, type Outcome } from './events.js';
import { catchUp, hold } from './hold.js';
import { pairOf, see } from './live-moves.js';
import { checkLoad } from './load.js';
import { mirrorChange, watchMirror } from './mirror.js';
import { nextMove, type Move } from './next-move.js';
import { outcomeOf } from './outcome.js';
import { packaged } from './packaged.js';
import { checkRegistered, findModel, pinned } from './find-model.js';
import { blueSpec, greenSpec } from '../planned-spec.js';
import { Session, type CarryOutOptions } from './context.js';
import { retire } from './retire.js';
import { checkContract, proveGreen, test } from './test-moves.js';

export type { CarryOutOptions } from './context.js';

/** Of the log of a deployment that failed. */
const LOG_LINES = 12;
const WAIT_MS = 2_000;
/** Longer than any operation of Azure. */
const PATIENCE_MS = 90 * 60_000;
/** No plan has so many; a fault of this program must not send changes for ever. */
const MOST_MOVES = 500;

/** Never rejects, but with a fault of this program. */
export async function carryOut(options: CarryOutOptions): Promise<Outcome> {
  const { engine, signal } = options;
  const unsubscribe = engine.subscribe((event) => forward(event, options));
  try {
    return await loop(new Session(options));
  } catch (error) {
    const outcome = outcomeOf(error, signal.aborted);
    if (!outcome) throw error;
    return outcome;
  } finally {
    unsubscribe();
  }
}

async function loop(session: Session): Promise<Outcome> {
  const { engine, plan, signal, adopt } = session.options;
  const problem = evidenceProblem(plan);
  if (problem !== undefined) throw end('refused', problem);
  await engine.settle(signal);
  await engine.observe(signal);
  const { drift } = engine;
  if (drift && !adopt) {
    throw end('drift', drift.sentence, 'Add --adopt to go on from what is live now, or roll back.');
  }
  if (drift) session.note(`${drift.sentence} Going on from there.`);
  engine.adopt();
  await checkRegistered(plan, session.now, engine.workspace, signal);
  keepPlan(session);
  const left = shareOf(session.now.endpoint?.traffic ?? {}, plan.green.name);
  if (left > 0) session.progress.left = left;
  const waiting = { since: 0, what: '' };
  for (let count = 0; count < MOST_MOVES; count += 1) {
    const { view } = engine;
    const move = nextMove({
      plan,
      now: session.now,
      view,
      known: engine.roles.roles,
      progress: session.progress,
    });
    if (move.do === 'done') return { kind: 'promoted', lines: [promotedLine(session)] };
    if (move.do === 'refuse') throw end(move.kind, move.sentence);
    if (move.do === 'wait') {
      count -= 1;
      await wait(session, move.what, waiting);
    } else {
      let done = true;
      await carry(session, move).catch(async (error: unknown) => {
        if (signal.aborted || !isConflict(error)) throw error;
        // Another operation began between the look and the write: then it is waited for.
        await engine.observe(signal);
        if (!isBusy(session.endpoint)) throw error;
        done = false;
      });
      if (done && move.do === 'close') return { kind: 'promoted', lines: [promotedLine(session)] };
      waiting.what = '';
    }
    await engine.observe(signal);
  }
  throw new Error('The plan did not come to an end.');
}

/** For the report, and for whoever goes on with it on a screen. */
function keepPlan({ options: { engine, plan, folder, planFile } }: Session): void {
  const { weights, evidence, mirror, gates, holds, probes, steps, onFail, onUnwatched } = plan;
  const { visibleVariables } = plan;
  const kept: ProofPlan = {
    weights,
    ...(evidence && { evidence: { ...evidence, csv: resolve(folder, evidence.csv) } }),
    ...(mirror && { mirror }),
    ...(gates && { gates }),
    ...(holds && { holds }),
    ...(probes && { probes }),
    ...(steps && { steps }),
    ...(onFail && { onFail }),
    ...(onUnwatched && { onUnwatched }),
    ...(visibleVariables && { visibleVariables }),
  };
  const { choice } = engine.view;
  const same = isDeepStrictEqual([choice.plan, choice.planFile], [kept, planFile]);
  if (!same) engine.choose({ plan: kept, ...(planFile && { planFile }) });
}

const isConflict = (error: unknown): boolean =>
  error instanceof GuardError || failureOf(error, '').kind === 'conflict';

function promotedLine({ options, now }: Session): string {
  const { name } = options.plan.green;
  const share = shareOf(now.endpoint?.traffic ?? {}, name);
  return `Promoted: ${name} has ${share} % of the traffic on ${now.endpointName}.`;
}

async function wait(session: Session, what: string, waiting: { since: number; what: string }) {
  const { clock, signal, emit } = session.options;
  if (waiting.what !== what) {
    Object.assign(waiting, { what, since: clock.now() });
    emit({ event: 'waiting', message: `Waiting: ${what}.` });
  }
  if (clock.now() - waiting.since > PATIENCE_MS) throw end('held', `It does not end: ${what}.`);
  await clock.delay(WAIT_MS, signal);
}

async function carry(session: Session, move: Exclude<Move, { do: 'done' | 'refuse' | 'wait' }>) {
  const { engine, plan } = session.options;
  const endpoint = engine.endpoint;
  switch (move.do) {
    case 'create-endpoint': {
      const { auth: authMode, settings } = plan.endpoint;
      const own = { identity: { type: 'system_assigned' as const }, tags: {} };
      return run(session, { kind: 'createEndpoint', endpoint, authMode, ...own, ...settings });
    }
    case 'create-blue': {
      const { blue } = plan;
      if (!blue) return;
      const wanted = blueSpec(blue, await modelFor(session, blue.model, 'blueModel'));
      const spec = await packaged(session, blue, wanted, run);
      const deployment = blue.name;
      return run(session, { kind: 'createDeployment', endpoint, deployment, role: 'blue', spec });
    }
    case 'first-traffic':
      return run(session, engine.firstTrafficChange(move.blue));
    case 'test':
      return test(session);
    case 'resolve-green-model': {
      const standing = findDeployment(session.now, plan.green.name)?.model;
      const wanted = pinned(plan.green.model, standing);
      session.progress.greenModel = await modelFor(session, wanted, 'newModel');
      return;
    }
    case 'check-contract':
      return checkContract(session, move);
    case 'create-green': {
      engine.choose({ roles: { blue: move.blue.name } });
      const wanted = greenSpec(plan.green, session.progress.greenModel ?? '', move.blue);
      const spec = await packaged(session, plan.green, wanted, run, move.blue);
      const deployment = plan.green.name;
      return run(session, { kind: 'createDeployment', endpoint, deployment, role: 'green', spec });
    }
    case 'adopt-green':
      engine.choose({ roles: { blue: move.blue, green: move.green.name } });
      session.options.emit({
        event: 'adopted',
        what: move.green.name,
        message: `Deployment ${move.green.name} is there already, healthy, and serves the plan's model.`,
      });
      return;
    case 'prove':
      return proveGreen(session, move);
    case 'check-load':
      return checkLoad(session, move);
    case 'mirror':
      return run(session, mirrorChange(session, move.green, move.percent));
    case 'watch-mirror':
      return watchMirror(session, move);
    case 'move-traffic':
      return run(session, engine.trafficChange(move.share));
    case 'see-split':
      return see(session, move, pairOf(session));
    case 'catch-up':
      return catchUp(session, move, pairOf(session));
    case 'hold':
      return hold(session, move, pairOf(session));
    case 'retire':
      return retire(session, move.blue);
    case 'close':
      return close(session);
  }
}

async function run({ options }: Session, change: Change): Promise<void> {
  const { engine, signal, emit } = options;
  try {
    await engine.run(change, { signal });
  } catch (error) {
    const failed = failureOf(error, '').kind === 'provisioning';
    if (failed && change.kind === 'createDeployment') {
      const { endpoint, deployment } = change;
      const log = await engine.workspace
        .deploymentLogs(endpoint, deployment, { tail: LOG_LINES }, signal)
        .catch(() => '');
      const lines = log.split('\n').filter((line) => line.trim() !== '');
      if (lines.length > 0) emit({ event: 'log', deployment, lines: hideSecretsIn(lines) });
    }
    throw error;
  }
}

/** ARM id of the registered version. */
async function modelFor(
  session: Session,
  planned: PlannedModel,
  choice: 'blueModel' | 'newModel',
): Promise<string> {
  const { engine, plan, folder, signal, emit } = session.options;
  const deployment = choice === 'newModel' ? plan.green.name : plan.blue?.name;
  const served = session.now.deployments.find((each) => each.name === deployment)?.model;
  const found = await findModel(planned, engine.workspace, folder, signal, served);
  const { name } = planned;
  const choose = (version: string, from?: Pick<ModelChoice, 'folder' | 'id'>): void => {
    const chosen: ModelChoice = { name, version, ...from };
    const known = engine.view.choice[choice];
    if (known?.name !== name || known.version !== version) engine.choose({ [choice]: chosen });
  };
  if ('version' in found) {
    const { version, id } = found.version;
    choose(version, registryModel(id) && { id });
    const message = `Model ${name} version ${version} is used: ${found.why}.`;
    emit({ event: 'adopted', what: `${name}:${version}`, message });
    return id;
  }
  const { register } = found;
  choose(register.version, {
    ...(register.folder !== undefined && { folder: register.folder }),
  });
  await run(session, register);
  const registered = await engine.workspace.getModelVersion(name, register.version, signal);
  if (!registered) throw end('drift', `Version ${register.version} of ${name} is gone again.`);
  return registered.id;
}

/** Ends the rollout's presence in the tags; what a later rollback restores stays there. */
async function close(session: Session): Promise<void> {
  const { engine, writeReport } = session.options;
  if (decodeTags(session.endpoint.tags).rolloutId !== undefined) {
    await run(session, engine.closingChange());
  }
  const report = await writeReport();
  if (!engine.view.completed) engine.complete(report);
}

function forward(event: EngineEvent, { emit }: CarryOutOptions): void {
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
        message: `Begun earlier: ${event.title}. Finding out how it ended.`,
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
