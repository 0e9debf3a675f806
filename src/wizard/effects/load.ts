/** Load for green alone, before it has any traffic. */
import { busiestMinute, loadCheck, planLoad } from '../../rollout/evidence/load-check.js';
import { judgeLoad, loadText } from '../../rollout/evidence/judge-load.js';
import { probeBodies } from './sample-body.js';
import {
  endpointOf,
  openedOf,
  rolloutOf,
  shareOfGreen,
  workspaceOf,
  type Handlers,
} from './world.js';

export const loadHandlers: Pick<Handlers, 'planLoad' | 'loadCheck'> = {
  async planLoad({ blue, share, rate, seconds }, { world, signal }) {
    const [workspace, endpoint] = [workspaceOf(world), endpointOf(world)];
    const peak = rate ?? (await busiestMinute(workspace, endpoint, blue, Date.now(), signal));
    return { peak, load: planLoad(peak, share, seconds) };
  },

  async loadCheck({ load, green, gates }, context) {
    const { world, signal, progress } = context;
    const rollout = rolloutOf(world);
    const seen = await loadCheck({
      ...load,
      workspace: workspaceOf(world),
      endpoint: endpointOf(world),
      green,
      bodies: await probeBodies(context),
      runId: rollout.rolloutId,
      signal,
      onAnswer: (done, total) => progress({ kind: 'count', done, total, unit: 'requests' }),
    });
    signal.throwIfAborted();
    const { verdicts, decision } = judgeLoad(seen, gates);
    rollout.engine.judged({
      stage: 'load',
      deployment: green,
      share: shareOfGreen(world),
      verdicts,
      decision: decision.do,
    });
    return { text: loadText(seen), verdicts, decision, opened: openedOf(rollout) };
  },
};
