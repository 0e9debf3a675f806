/** Rows sent unpinned, to see the split that is really served. */
import { decision } from '../../rollout/evidence/gates/decision.js';
import { judgeSplit, withProbes } from '../../rollout/evidence/judge-split.js';
import { probe } from '../../rollout/evidence/probe.js';
import { probeBodies } from './sample-body.js';
import { endpointOf, openedOf, rolloutOf, workspaceOf, type Handlers } from './world.js';

export const splitHandlers: Pick<Handlers, 'probe'> = {
  async probe({ count }, context) {
    const { world, signal, progress } = context;
    const rollout = rolloutOf(world);
    const { blue = '', green = '' } = rollout.engine.roles.roles;
    const configured = { ...endpointOf(world).traffic };
    const probes = await probe({
      workspace: workspaceOf(world),
      endpoint: endpointOf(world),
      bodies: await probeBodies(context),
      count,
      runId: rollout.rolloutId,
      signal,
      onProbe: (now) => progress({ kind: 'count', done: now.sent, total: count, unit: 'probes' }),
    });
    const seen = withProbes({ configured, served: {}, sent: 0, failed: 0 }, probes);
    const verdict = judgeSplit(seen, { blue, green });
    if (verdict && green !== '') {
      rollout.engine.judged({
        stage: 'split',
        deployment: green,
        share: configured[green] ?? 0,
        verdicts: [verdict],
        decision: decision([verdict]).do,
      });
    }
    return {
      probes: { ...seen, ...(verdict && { verdict }) },
      opened: openedOf(rollout),
    };
  },
};
