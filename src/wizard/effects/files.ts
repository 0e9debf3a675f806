/** Logs, report and scripts, and what is copied on demand. */
import { decodeTags } from '../../rollout/tags.js';
import { writeReportFiles } from './report-files.js';
import { openedOf, rolloutOf, workspaceOf, type CommandKind, type Opened } from './world.js';

export const logsCommand: CommandKind<
  { deployment: string; container: 'inference-server' | 'storage-initializer' },
  string
> = {
  what: 'reading the log',
  async carryOut({ deployment, container }, { world, signal }) {
    const { engine } = rolloutOf(world);
    return workspaceOf(world).deploymentLogs(
      engine.endpoint,
      deployment,
      { container, tail: 500 },
      signal,
    );
  },
};

/** `close`: also takes the rollout's tags off the endpoint, which is a write. */
export const writeReportCommand: CommandKind<
  { close: boolean },
  { files: { what: string; path: string }[]; opened: Opened }
> = {
  what: 'writing the report',
  async carryOut({ close }, { world, signal }) {
    const rollout = rolloutOf(world);
    const { engine } = rollout;
    await engine.observe(signal);
    // The rollout's presence in the tags ends here; what a later rollback restores stays there.
    const tagged = decodeTags(engine.snapshot?.endpoint?.tags ?? {}).rolloutId !== undefined;
    if (close && tagged && !engine.view.completed) {
      await engine.run(engine.closingChange(), { signal });
    }
    const written = await writeReportFiles(world);
    if (!engine.view.completed) engine.complete(written[0]?.path ?? '');
    return { files: written, opened: openedOf(rollout) };
  },
};

export const copyCommand: CommandKind<
  { what: 'key' | 'curl' | 'support' | 'code'; text?: string },
  { said: string }
> = {
  what: 'copying',
  async carryOut({ what, text }, { world, signal }) {
    if (what === 'support' || what === 'code') {
      return {
        said: `${what === 'code' ? 'Code' : 'What failed'}: ${await world.services.copy(text ?? '')}.`,
      };
    }
    const endpoint = rolloutOf(world).engine.snapshot?.endpoint;
    if (!endpoint) throw new Error('The endpoint no longer exists.');
    const key = await workspaceOf(world).revealKey(endpoint, signal);
    if (what === 'key') return { said: `Key: ${await world.services.copy(key)}` };
    const curl = `curl -sS -X POST '${endpoint.scoringUri ?? ''}' -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d @sample.json`;
    return { said: `curl command: ${await world.services.copy(curl)}` };
  },
};
