/** Copies of live requests for green, watched before it has any live traffic. */
import { systemClock } from '../../rollout/clock.js';
import { mirrorDecision, watchMirrored } from '../../rollout/moves/mirror.js';
import { lagOf, openedOf, rolloutOf, type Handlers } from './world.js';

export const mirrorHandlers: Pick<Handlers, 'watchMirror'> = {
  async watchMirror({ blue, green, minutes, gates }, { world, signal, progress }) {
    const rollout = rolloutOf(world);
    const { engine } = rollout;
    const watched = await watchMirrored({
      engine,
      blue,
      green,
      minutes,
      gates,
      ...lagOf(world),
      clock: systemClock,
      signal,
      emit: (event) => {
        if (event.event === 'note') progress({ kind: 'message', text: event.message });
      },
    });
    // The journal may be closed by then.
    signal.throwIfAborted();
    const { verdicts, requests, why } = watched;
    const decision = mirrorDecision(watched);
    engine.judged({ stage: 'mirror', deployment: green, share: 0, verdicts, decision });
    return {
      verdicts,
      decision,
      requests,
      ...(why !== undefined && { why }),
      opened: openedOf(rollout),
    };
  },
};
