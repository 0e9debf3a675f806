/** Finds in a model's folder what Azure's upload or its container would stumble over. */
import { join, posix, resolve, sep } from 'node:path';
import { grouped } from '../common/counts.js';
import { LONGEST_PATTERN } from '../common/ignore-pattern.js';
import { readText } from '../common/read-text.js';
import { lintConda, missingConda, requirementsFiles } from './conda-lint.js';
import type { CondaFinding } from './conda-dependencies.js';
import { folderFiles } from './file-bytes.js';
import { printable } from './input-error.js';
import { lintModelFiles, namedFiles } from './model-files.js';
import type { ModelFolder } from './model-folder.js';
import { lintOnnx } from './onnx-lint.js';

const ignoreFiles = ['.amlignore', '.gitignore'];

/** What of a folder would be uploaded, or why none of it. */
type FilesToUpload = { files: string[] } | { refused: string; advice: string };

/**
 * Findings in the order: folder, files, ONNX inputs, ignore file, upload, conda.yaml. Empty when all is well.
 * @param filesToUpload of the folder at this path
 */
export async function lintModelFolder(
  folder: ModelFolder,
  filesToUpload?: (path: string) => Promise<FilesToUpload>,
): Promise<CondaFinding[]> {
  const condaFile = folder.model.condaFile ?? 'conda.yaml';
  const conda = await textOf(folder.path, condaFile);
  const findings = [
    ...lintName(folder.name),
    ...(await lintModelFiles(folder)),
    ...(await lintOnnx(folder.model, folderFiles(folder.path))),
    ...(await lintIgnoreFile(folder.path)),
  ];
  const upload = await filesToUpload?.(folder.path);
  if (upload && 'files' in upload) {
    findings.push(...(await lintNotUploaded(folder, upload.files, conda !== undefined)));
  } else if (upload && !findings.some(({ file }) => file === '.' || ignoreFiles.includes(file))) {
    findings.push({ level: 'error', file: '.', what: upload.refused, advice: upload.advice });
  }
  const file = printable(condaFile);
  if (conda === undefined) return [...findings, missingConda(file)];
  const requirements = new Map<string, string>();
  for (const name of requirementsFiles(conda)) {
    const inside = resolve(folder.path, name).startsWith(folder.path + sep);
    const text = inside ? await textOf(folder.path, name) : undefined;
    if (text !== undefined) requirements.set(name, text);
  }
  return [...findings, ...lintConda(conda, file, requirements)];
}

/** The official client takes a last path part with a dot in it for a file, and refuses it. */
function lintName(name: string): CondaFinding[] {
  if (!name.includes('.')) return [];
  return [
    {
      level: 'error',
      file: '.',
      what: `The folder's name, ${printable(name)}, has a dot in it; Azure treats it as a file.`,
      advice: `Rename it, e.g. to ${printable(name.replaceAll('.', '-').replace(/^-+/, '')) || 'model'}.`,
    },
  ];
}

/** A file that is not uploaded because of an ignore file is missing in the container. */
async function lintNotUploaded(
  folder: ModelFolder,
  uploaded: readonly string[],
  hasConda: boolean,
): Promise<CondaFinding[]> {
  const advice = `Check what ${ignoreFiles.join(' or ')} excludes.`;
  const sent = new Set<string>();
  for (const file of uploaded) {
    // With the folders that it is in.
    for (let end = file.length; end > 0; end = file.lastIndexOf('/', end - 1)) {
      sent.add(file.slice(0, end));
    }
  }
  const conda = folder.model.condaFile ?? 'conda.yaml';
  const findings = (await namedFiles(folder))
    .filter(({ file, found, special }) => found && !special && !sent.has(file))
    .map(({ file }): CondaFinding => ({
      level: 'error',
      file: 'MLmodel',
      what: `It names ${printable(file)}, which is not uploaded; the container can't load the model.`,
      advice,
    }));
  if (!hasConda || sent.has(posix.normalize(conda))) return findings;
  const what = "It is not uploaded; the container can't be built.";
  return [...findings, { level: 'error', file: printable(conda), what, advice }];
}

/**
 * Of `.amlignore` and `.gitignore` only the first that exists is read. The official client applies
 * the patterns in no fixed order, so what a `!` brings back is not certain, and its upload is refused.
 */
async function lintIgnoreFile(folder: string): Promise<CondaFinding[]> {
  for (const file of ignoreFiles) {
    const text = await textOf(folder, file);
    if (text === undefined) continue;
    return text
      .split(/\r\n|\n|\r/)
      .flatMap((line, at) => lintPattern(line.trimEnd(), file, at + 1));
  }
  return [];
}

function lintPattern(pattern: string, file: string, line: number): CondaFinding[] {
  if (pattern.length > LONGEST_PATTERN) {
    const what = `The pattern is longer than ${grouped(LONGEST_PATTERN)} characters.`;
    return [{ level: 'error', file, line, what, advice: 'Shorten the line, or remove it.' }];
  }
  if (!pattern.startsWith('!')) return [];
  return [
    {
      level: 'error',
      file,
      line,
      what: `The pattern ${printable(pattern)} may or may not bring files back.`,
      advice: 'Name exactly what to leave out, without "!" patterns.',
    },
  ];
}

async function textOf(folder: string, file: string): Promise<string | undefined> {
  return readText(join(folder, file)).catch(() => undefined);
}
