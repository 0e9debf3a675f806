/** Writes the report and the exported scripts of a rollout into its folder. */
import { chmod, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../common/make-folder.js';
import type { JournalView } from '../rollout/journal/view.js';
import type { Snapshot } from '../rollout/snapshot.js';
import { exportFiles, type ExportedFile } from './export.js';

/** Resolves with what was written, the report first. */
export interface OutputFile {
  what: string;
  path: string;
}

export async function writeOutputs(
  snapshot: Snapshot,
  view: JournalView,
  { program, dir, reach }: { program: string; dir: string; reach: string },
): Promise<OutputFile[]> {
  const reportedAt = new Date().toISOString();
  const written: OutputFile[] = [];
  for (const file of await exportFiles(snapshot, view, {
    program,
    reportedAt,
    dir,
    reach,
  })) {
    const path = join(dir, file.name);
    await writeExported(path, file);
    written.push({ what: file.what, path });
  }
  return written;
}

/** With the folders that it needs. */
export async function writeExported(
  path: string,
  { text, executable, holdsCells }: ExportedFile,
): Promise<void> {
  makeFolder(dirname(path));
  const mode = executable ? 0o755 : holdsCells ? 0o600 : 0o644;
  // Of a file that is there already, writing keeps the mode.
  if (holdsCells) await chmod(path, mode).catch(() => undefined);
  try {
    await writeFile(path, text, { mode });
  } catch (error) {
    // Half a report is none, and the journal needs the room for its last line.
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') await rm(path, { force: true });
    throw error;
  }
}
