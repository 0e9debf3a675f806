/** All that a finished rollout leaves in a folder: the report and the scripts that do it again. */
import { isAbsolute, relative, sep } from 'node:path';
import type { WorkspaceRef } from '../azure/types.js';
import type { Change } from '../rollout/changes/change.js';
import { reportMarkdown } from '../rollout/report-markdown.js';
import { makeReport, type Report } from '../rollout/report.js';
import type { Snapshot } from '../rollout/snapshot.js';
import { succeeded, type JournalView } from '../rollout/journal/view.js';
import { inAz } from './az.js';
import { azScript } from './az-script.js';
import { yamlFiles } from './exported-yaml.js';
import { mlflowScript } from './mlflow-script.js';
import { pythonScript } from './python-script.js';
import { deploymentYaml } from './yaml-out.js';

export interface ExportedFile {
  what: string;
  /** File name without a folder. */
  name: string;
  text: string;
  /** For a shell. */
  executable?: boolean;
}

export interface ExportOptions {
  /** Name and version of this program. */
  program: string;
  /** ISO time. */
  reportedAt: string;
  /** Where the files will be, so that they can name others relative to it. */
  dir?: string;
}

export function report(now: Snapshot, view: JournalView, options: ExportOptions): Report {
  const words = {
    deploymentYaml,
    az: (change: Parameters<typeof inAz>[0]) => {
      const code = inAz(change, now.workspace);
      return 'lines' in code ? code.lines : [];
    },
  };
  return makeReport(now, view, words, options);
}

export function exportFiles(
  now: Snapshot,
  view: JournalView,
  options: ExportOptions,
): ExportedFile[] {
  const done = view.changes.filter(succeeded).map((record) => record.change);
  const made = report(now, view, options);
  return [
    { what: 'report', name: 'report.md', text: reportMarkdown(made) },
    { what: 'report as JSON', name: 'report.json', text: `${JSON.stringify(made, null, 2)}\n` },
    ...codeFiles(done, now.workspace, options.dir),
  ];
}

/**
 * Scripts that make these changes, and the YAML files that the shell's one reads.
 * @param dir where they will be; model folders are then said relative to it
 */
export function codeFiles(
  all: readonly Change[],
  workspace: WorkspaceRef,
  dir?: string,
): ExportedFile[] {
  const changes = dir === undefined ? all : all.map((change) => from(dir, change));
  const files = yamlFiles(changes);
  const fileOf = (change: Change) => files.find((file) => file.change === change)?.name;
  return [
    {
      what: 'Azure CLI script',
      name: 'rollout.sh',
      text: azScript(changes, workspace, fileOf),
      executable: true,
    },
    { what: 'Python script', name: 'rollout.py', text: pythonScript(changes, workspace) },
    { what: 'MLflow script', name: 'rollout_mlflow.py', text: mlflowScript(changes, workspace) },
    ...files.map(({ name, text }) => ({ what: 'YAML for az ml', name, text })),
  ];
}

function from(dir: string, change: Change): Change {
  if (change.kind !== 'registerModel' || change.folder === undefined) return change;
  const path = relative(dir, change.folder);
  // Another drive of Windows has no relative path.
  return isAbsolute(path) ? change : { ...change, folder: path.split(sep).join('/') };
}
