/** Sends a rollback that was confirmed, and says how it ended. */
import type { PlannedNotice } from '../common/notice.js';
import { az as azureCli } from '../interop/languages/az.js';
import { codeFor } from '../interop/languages/language.js';
import { kindOf } from '../rollout/changes/kinds.js';
import type { RolloutEngine } from '../rollout/engine.js';
import { perform } from '../rollout/moves/index.js';
import type { RollbackPlan } from '../rollout/rollback.js';
import { formatSplit, sameSplit } from '../common/split.js';
import type { Run } from './command-run.js';
import { ending } from './errors.js';
import { CODE } from './exit-codes.js';
import { contextFor } from '../rollout/moves/single-move.js';
import { Notifier } from '../rollout/notify/notifier.js';

export async function rollBackNow(
  engine: RolloutEngine,
  plan: Extract<RollbackPlan, { kind: 'ready' }>,
  scale: boolean,
  {
    out,
    signal,
    onWait,
    notify,
  }: Run & { onWait(why: string): void; notify: readonly PlannedNotice[] | undefined },
): Promise<number> {
  const { change } = plan;
  const began = Date.now();
  let scaling = scale;
  const tell = (sentence: string): void => out.note(sentence);
  const notifier = new Notifier({ engine, folder: '', tell, byDefault: notify });
  const unsubscribe = engine.subscribe((event) => {
    if (event.type === 'begun') {
      const { title } = event;
      const { usualSeconds } = kindOf(event.change);
      out.say(`... ${title}, usually ${usualSeconds} s`);
      out.event({ event: 'sending', title, usualSeconds });
    } else if (event.type === 'confirmed') {
      out.say(`ok  ${event.title}, verified`);
      out.event({ event: 'confirmed', title: event.title, seconds: event.seconds });
      if (event.change.kind === 'scaleDeployment') scaling = false;
    }
  });
  try {
    const context = contextFor(engine, { note: onWait, signal });
    await perform({ id: 'roll-back', plan, scale }, context);
  } catch (error) {
    const end = ending(error, CODE.notRolledBack);
    if (!end) throw error;
    return failed(end, scaling);
  } finally {
    unsubscribe();
  }
  const seconds = Math.round((Date.now() - began) / 100) / 10;
  const traffic = engine.snapshot?.endpoint?.traffic ?? {};
  await notifier.close({ leaves: false });
  const message = `Rolled back: traffic is ${formatSplit(traffic)}, verified after ${seconds} s.`;
  out.say(message);
  out.event({
    event: 'result',
    code: CODE.done,
    outcome: 'rolled back',
    message,
    traffic,
    seconds,
  });
  return CODE.done;

  function failed(end: { lines: string[]; code: number }, stillScaling: boolean): number {
    const live = engine.snapshot?.endpoint?.traffic;
    const moved = live !== undefined && !sameSplit(live, change.from);
    const code = end.code === CODE.notRolledBack && moved ? CODE.drift : end.code;
    const workspace = engine.snapshot?.workspace ?? engine.workspace.connection;
    const az = codeFor(azureCli, change, workspace);
    const commands = 'lines' in az ? az.lines : [];
    const hint = stillScaling ? ['Traffic was not touched; --now switches without scaling.'] : [];
    const by = code === CODE.interrupted || moved ? [] : ['With the Azure CLI:', ...commands];
    for (const line of [...end.lines, ...hint, ...by]) out.note(line);
    if (live) out.note(`Traffic was last seen at ${formatSplit(live)}.`);
    out.event({
      event: 'result',
      code,
      outcome: code === CODE.interrupted ? 'stopped' : 'failed',
      message: [...end.lines, ...hint].join(' '),
      ...(live && { traffic: live }),
      commands,
    });
    return code;
  }
}
