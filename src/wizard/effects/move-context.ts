/** What a command of the wizard gives to the moves of a rollout. */
import { systemClock } from '../../common/clock.js';
import { MoveContext, type MoveOptions } from '../../rollout/moves/context.js';
import type { MoveEvent } from '../../rollout/moves/events.js';
import type { RolloutPlan } from '../../rollout/moves/facts.js';
import { bakeMinutes } from '../../rollout/plan/proof.js';
import { writeReportFiles } from './report-files.js';
import { rolloutOf, type Context } from './world.js';

/** The moves' own context, for one command of the wizard. */
export function contextOf(
  { world, signal, progress }: Context,
  plan: RolloutPlan,
  more: Partial<Pick<MoveOptions, 'keepWatching' | 'lostMs' | 'writeReport'>> = {},
): MoveContext {
  const rollout = rolloutOf(world);
  rollout.notifier.use(plan);
  const sandbox = world.profile?.sandbox === true;
  return new MoveContext(
    {
      engine: rollout.engine,
      plan,
      folder: world.cwd,
      clock: systemClock,
      signal,
      emit: (event) => tell(event, progress),
      lagMs: world.lagMs,
      bakeMinutes: bakeMinutes(plan, sandbox),
      writeReport: async () => (await writeReportFiles(world))[0]?.path ?? '',
      ...more,
    },
    rollout.memory,
  );
}

function tell(event: MoveEvent, progress: Context['progress']): void {
  switch (event.event) {
    case 'count':
      return progress({ kind: 'count', done: event.done, total: event.total, unit: event.unit });
    case 'doing':
      return progress({ kind: 'title', title: event.title });
    case 'note':
    case 'waiting':
      return progress({ kind: 'message', text: event.message });
    case 'progress': {
      const { progress: now } = event;
      if (now.stage === 'sent') return progress({ kind: 'accepted' });
      if (now.stage !== 'uploading') return;
      const { sentBytes, totalBytes } = now.upload;
      return progress({ kind: 'count', done: sentBytes, total: totalBytes, unit: 'bytes' });
    }
    default:
  }
}
