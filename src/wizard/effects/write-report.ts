/** The end of the open rollout: its report, and its tags taken off the endpoint. */
import type { OutputFile } from '../../interop/write-outputs.js';
import { decodeTags } from '../../rollout/tags.js';
import { perform } from '../../rollout/moves/index.js';
import { contextOf } from './move-context.js';
import { writeReportFiles } from './report-files.js';
import { openedOf, rolloutOf, type CommandKind, type Opened } from './world.js';

/**
 * `close`: also takes the rollout's tags off the endpoint, which is a write. Until they are off, the
 * rollout is not complete.
 */
export const writeReportCommand: CommandKind<
  { close: boolean },
  { files: OutputFile[]; opened: Opened }
> = {
  what: 'writing the report',
  async carryOut({ close }, context) {
    const { world, signal } = context;
    const rollout = rolloutOf(world);
    const { engine } = rollout;
    await engine.observe(signal);
    const tagged = decodeTags(engine.snapshot?.endpoint?.tags ?? {}).rolloutId !== undefined;
    let files: OutputFile[] = [];
    const writeReport = async (): Promise<string> => {
      files = await writeReportFiles(world);
      return files[0]?.path ?? '';
    };
    if (tagged && close && !engine.view.completed) {
      await perform({ id: 'close' }, contextOf(context, { weights: [] }, { writeReport }));
    } else {
      const report = await writeReport();
      if (!tagged && !engine.view.completed) engine.complete(report);
    }
    return { files, opened: openedOf(rollout) };
  },
};
