/** Logs, report and scripts, and what is copied on demand. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportFiles } from '../../interop/export.js';
import { decodeTags } from '../../rollout/tags.js';
import { openedOf, rolloutOf, workspaceOf, type Handlers } from './world.js';

export const fileHandlers: Pick<Handlers, 'logs' | 'writeReport' | 'copy'> = {
  async logs({ deployment, container }, { world, signal }) {
    const { engine } = rolloutOf(world);
    return workspaceOf(world).deploymentLogs(
      engine.endpoint,
      deployment,
      { container, tail: 500 },
      signal,
    );
  },

  async writeReport({ close }, { world, signal }) {
    const rollout = rolloutOf(world);
    const { engine, outputs } = rollout;
    await engine.observe(signal);
    const endpoint = engine.snapshot?.endpoint;
    // The rollout's presence in the tags ends here; what a later rollback restores is left there.
    if (close && endpoint && decodeTags(endpoint.tags).rolloutId !== undefined) {
      await engine.run(engine.closingChange(), { signal });
    }
    const snapshot = engine.snapshot;
    if (!snapshot) throw new Error('The endpoint was not looked at yet.');
    await mkdir(outputs, { recursive: true });
    const files = exportFiles(snapshot, engine.view, {
      program: world.program,
      reportedAt: new Date().toISOString(),
      dir: outputs,
    });
    const written: { what: string; path: string }[] = [];
    for (const file of files) {
      const path = join(outputs, file.name);
      await writeFile(path, file.text, { mode: file.executable ? 0o755 : 0o644 });
      written.push({ what: file.what, path });
    }
    if (!engine.view.completed) engine.complete(join(outputs, files[0]?.name ?? ''));
    return { files: written, opened: openedOf(rollout) };
  },

  async copy({ what, text }, { world, signal }) {
    if (what === 'support') return { said: await world.services.copy(text ?? '') };
    const endpoint = rolloutOf(world).engine.snapshot?.endpoint;
    if (!endpoint) throw new Error('The endpoint is gone.');
    const key = await workspaceOf(world).revealKey(endpoint, signal);
    if (what === 'key') return { said: `Key: ${await world.services.copy(key)}` };
    const curl = `curl -sS -X POST '${endpoint.scoringUri ?? ''}' -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d @sample.json`;
    return { said: `curl command: ${await world.services.copy(curl)}` };
  },
};
