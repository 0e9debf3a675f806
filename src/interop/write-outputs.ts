/** Writes the report and the exported scripts of a rollout into its folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalView } from '../rollout/journal/view.js';
import type { Snapshot } from '../rollout/snapshot.js';
import { exportFiles } from './export.js';

/** Resolves with what was written, the report first. */
export async function writeOutputs(
  snapshot: Snapshot,
  view: JournalView,
  { program, dir, reach }: { program: string; dir: string; reach?: string | undefined },
): Promise<{ what: string; path: string }[]> {
  await mkdir(dir, { recursive: true });
  const reportedAt = new Date().toISOString();
  const written: { what: string; path: string }[] = [];
  for (const file of exportFiles(snapshot, view, { program, reportedAt, dir, reach })) {
    const path = join(dir, file.name);
    await writeFile(path, file.text, { mode: file.executable ? 0o755 : 0o644 });
    written.push({ what: file.what, path });
  }
  return written;
}
