/** Sends a rollback that was confirmed, and says how it ended. */
import { az as azureCli } from '../interop/languages/az.js';
import { codeFor } from '../interop/languages/language.js';
import type { ScaleDeployment } from '../rollout/changes/change.js';
import { kindOf } from '../rollout/changes/kinds.js';
import type { RolloutEngine } from '../rollout/engine.js';
import type { RollbackPlan } from '../rollout/rollback.js';
import { runRollbackChange } from '../rollout/run-rollback.js';
import { formatSplit, sameSplit } from '../rollout/split.js';
import type { Run } from './command-run.js';
import { ending } from './errors.js';
import { CODE } from './exit-codes.js';

export async function carryOut(
  engine: RolloutEngine,
  { change }: Extract<RollbackPlan, { kind: 'ready' }>,
  scaleFirst: ScaleDeployment | undefined,
  { out, signal, onWait }: Run & { onWait(why: string): void },
): Promise<number> {
  const began = Date.now();
  let scaling = scaleFirst !== undefined;
  try {
    for (const each of scaleFirst ? [scaleFirst, change] : [change]) {
      const { title, usualSeconds } = kindOf(each);
      out.say(`... ${title(each)}, usually ${usualSeconds} s`);
      out.event({ event: 'sending', title: title(each), usualSeconds });
      await runRollbackChange(engine, each, { signal, onWait });
      out.say(`ok  ${title(each)}, read back`);
      out.event({ event: 'confirmed', title: title(each) });
      scaling = false;
    }
  } catch (error) {
    const end = ending(error, CODE.notRolledBack);
    if (!end) throw error;
    return failed(end, scaling);
  }
  const seconds = Math.round((Date.now() - began) / 100) / 10;
  const traffic = engine.snapshot?.endpoint?.traffic ?? {};
  const message = `Rolled back: traffic is ${formatSplit(traffic)}, read back after ${seconds} s.`;
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
