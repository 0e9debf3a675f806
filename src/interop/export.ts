/** All that a finished rollout leaves in a folder: the report and the scripts that do it again. */
import { reportMarkdown } from '../rollout/report-markdown.js';
import { makeReport, type Report } from '../rollout/report.js';
import type { Snapshot } from '../rollout/snapshot.js';
import { succeeded, type JournalView } from '../rollout/view.js';
import { inAz } from './az.js';
import { azScript, mlflowScript, pythonScript } from './script.js';
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
    {
      what: 'Azure CLI script',
      name: 'rollout.sh',
      text: azScript(done, now.workspace),
      executable: true,
    },
    { what: 'Python script', name: 'rollout.py', text: pythonScript(done, now.workspace) },
    { what: 'MLflow script', name: 'rollout_mlflow.py', text: mlflowScript(done, now.workspace) },
  ];
}
