/** All that a rollout leaves in a folder: the report with its charts, and scripts that do it again. */
import { isAbsolute, relative, sep } from 'node:path';
import type { WorkspaceRef } from '../azure/types.js';
import type { Change, CreateDeployment } from '../rollout/changes/change.js';
import { reportMarkdown } from '../rollout/report-markdown.js';
import { escapeJson } from '../common/sanitize.js';
import { makeReport, type Report } from '../rollout/report.js';
import type { Snapshot } from '../rollout/snapshot.js';
import { succeeded, type JournalView } from '../rollout/journal/view.js';
import { yamlFiles } from './exported-yaml.js';
import { az } from './languages/az.js';
import { LANGUAGES } from './languages/index.js';
import { codeFor } from './languages/language.js';
import { withPaths } from './files-beside.js';
import { deploymentYaml } from './yaml-out.js';

/** The one to open in a browser. */
export const REPORT_PAGE = 'report.html';

export interface ExportedFile {
  what: string;
  /** Relative to the folder of all of them, with `/`. */
  name: string;
  text: string;
  /** For a shell. */
  executable?: boolean;
  /** For this user only. */
  holdsCells?: boolean;
}

interface ExportOptions {
  /** Name and version of this program. */
  program: string;
  /** ISO time. */
  reportedAt: string;
  /** Options that name the workspace for this program's own commands. */
  reach: string;
  /** Where the files will be, so that they can name others relative to it. */
  dir?: string;
}

function report(now: Snapshot, view: JournalView, options: ExportOptions): Report {
  const visible = view.choice.plan?.visibleVariables;
  const words = {
    deploymentYaml: (change: CreateDeployment) => deploymentYaml(change, { visible }),
    az: (change: Change) => {
      const code = codeFor(az, change, now.workspace);
      return 'lines' in code ? code.lines : [];
    },
    rollback: `aml-rollout rollback ${now.endpointName} ${options.reach}`,
  };
  return makeReport(now, view, words, options);
}

/** Charts are drawn here, and what draws them is loaded by nothing else. */
export async function exportFiles(
  now: Snapshot,
  view: JournalView,
  options: ExportOptions,
): Promise<ExportedFile[]> {
  const done = view.changes.filter(succeeded).map((record) => record.change);
  const made = report(now, view, options);
  const { renderReport } = await import('./report-html/page.js');
  const { html, charts } = renderReport(made);
  return [
    { what: 'report', name: 'report.md', text: reportMarkdown(made) },
    { what: 'report as page', name: REPORT_PAGE, text: html },
    {
      what: 'report as JSON',
      name: 'report.json',
      text: `${escapeJson(JSON.stringify(made, null, 2))}\n`,
    },
    ...charts.map(({ name, svg }) => ({ what: 'charts', name: `charts/${name}.svg`, text: svg })),
    ...codeFiles(done, now.workspace, {
      dir: options.dir,
      visible: view.choice.plan?.visibleVariables,
    }),
  ];
}

interface CodeOptions {
  /** Where the files will be; model folders are then named relative to it. */
  dir?: string | undefined;
  /** Environment variables whose values may be written. */
  visible?: readonly string[] | undefined;
}

/** A script in each language that makes these changes, and the YAML files that the shell's one reads. */
export function codeFiles(
  all: readonly Change[],
  workspace: WorkspaceRef,
  { dir, visible }: CodeOptions = {},
): ExportedFile[] {
  const changes = dir === undefined ? all : all.map((change) => from(dir, change));
  const files = yamlFiles(changes, visible);
  const fileOf = (change: Change) => files.find((file) => file.change === change)?.name;
  return [
    ...LANGUAGES.map(({ script: { what, name, write, ...rest } }) => ({
      what,
      name,
      text: write(changes, { ...workspace, ...(visible && { visible }) }, fileOf),
      ...rest,
    })),
    ...files.map(({ name, text }) => ({ what: 'YAML for az ml', name, text })),
  ];
}

function from(dir: string, change: Change): Change {
  if (change.kind === 'registerModel' && change.folder !== undefined) {
    return { ...change, folder: pathFrom(dir, change.folder) };
  }
  if (change.kind !== 'createDeployment') return change;
  return { ...change, spec: withPaths(change.spec, (path) => pathFrom(dir, path)) };
}

function pathFrom(dir: string, folder: string): string {
  const path = relative(dir, folder);
  // Another drive of Windows has no relative path.
  return isAbsolute(path) ? folder : path.split(sep).join('/');
}
