/** A plan, or the name of an endpoint, as said on the command line. */
import { basename, dirname, resolve } from 'node:path';
import { readText } from '../common/read-text.js';
import { FileProblem } from '../interop/yaml-file.js';
import { readPlanFile } from '../interop/plan-file.js';
import { filesIn } from '../interop/rollout-files.js';
import { shellWord } from '../interop/shell.js';
import { nameProblem, nameWarning } from '../rollout/names.js';
import { evidenceProblem, type Plan, type PlannedModel } from '../rollout/plan.js';
import { isElsewhere } from '../rollout/plan/row-place.js';
import { plannedChoices, tableProblems } from '../sampling/check-table.js';
import { readHeader } from '../sampling/table-reader.js';
import { InputError, pathProblem } from '../sampling/input-error.js';
import { checkTarget } from '../sampling/mapping-choices.js';
import { lintModelFiles } from '../sampling/model-files.js';
import { readModelFolder, type ModelFolder } from '../sampling/model-folder.js';
import { CommandError } from './errors.js';

export interface PlanAndFolder {
  plan: Plan;
  /** The plan's own, from which its paths are read. */
  folder: string;
  /** What a person reads: the plan's path, or the files it was made of. */
  path: string;
  /** What says the same plan again on a command line. */
  words: string;
  /** What the files say that is not taken over, a sentence each. */
  notes: string[];
}

/** The files of `az ml` in place of a plan. */
export interface FileFlags {
  endpointFile?: string;
  blueFile?: string;
  greenFile?: string;
  csv?: string;
  target?: string;
}

const FILE_FLAGS = {
  endpointFile: '--endpoint-file',
  blueFile: '--blue-file',
  greenFile: '--green-file',
  csv: '--csv',
  target: '--target',
} as const satisfies Record<keyof FileFlags, string>;

const told = (flags: FileFlags): [keyof FileFlags, string][] =>
  (Object.keys(FILE_FLAGS) as (keyof FileFlags)[]).flatMap((key) => {
    const value = flags[key];
    return value === undefined ? [] : [[key, value]];
  });

/** Throws a `CommandError` with every problem's line and column. */
export async function readPlan(
  argument: string | undefined,
  flags: FileFlags = {},
): Promise<PlanAndFolder> {
  const given = told(flags);
  if (argument === undefined) return planOfFiles(flags, given);
  if (given[0]) {
    throw new CommandError(
      `${FILE_FLAGS[given[0][0]]} cannot be combined with a plan: write its values into ${argument}, or leave ${argument} out.`,
    );
  }
  const path = resolve(argument);
  const text = await readText(path).catch((error: unknown) => {
    throw new CommandError(pathProblem(argument, error).message);
  });
  // A path that looks like an option.
  const words = shellWord(argument.startsWith('-') ? `./${argument}` : argument);
  return { ...parsePlan(text, basename(path), dirname(path)), path, words };
}

/** The plan that the flags amount to; all that they don't say has the defaults of a plan file. */
function planOfFiles(
  { endpointFile, blueFile, greenFile, csv, target }: FileFlags,
  given: [keyof FileFlags, string][],
): PlanAndFolder {
  if (endpointFile === undefined || greenFile === undefined) {
    throw new CommandError(
      given.length === 0
        ? 'Name a plan, or give --endpoint-file and --green-file.'
        : `${endpointFile === undefined ? '--endpoint-file' : '--green-file'} is missing: without a plan, the endpoint and the new deployment come from files.`,
    );
  }
  if (target !== undefined && csv === undefined) {
    throw new CommandError('--target names a column of the CSV: give --csv too.');
  }
  const text = JSON.stringify({
    version: 1,
    endpoint: { file: endpointFile },
    ...(blueFile !== undefined && { blue: { file: blueFile } }),
    green: { file: greenFile },
    ...(csv !== undefined && { evidence: { data: csv, ...(target !== undefined && { target }) } }),
  });
  return {
    ...parsePlan(text, 'the command line', process.cwd()),
    path: given.flatMap(([key, value]) => (key === 'target' ? [] : [value])).join(', '),
    words: given.map(([key, value]) => `${FILE_FLAGS[key]} ${shellWord(value)}`).join(' '),
  };
}

function parsePlan(text: string, name: string, folder: string) {
  const notes: string[] = [];
  try {
    const plan = readPlanFile(
      text,
      name,
      filesIn(folder, (line) => notes.push(line)),
    );
    for (const name of [plan.blue?.name, plan.green.name]) {
      const warning = name === undefined ? undefined : nameWarning(name);
      // A deployment.yml has said it already, with its line.
      if (warning !== undefined && !notes.some((note) => note.includes(warning))) {
        notes.push(warning);
      }
    }
    return { plan, folder, notes };
  } catch (error) {
    if (error instanceof FileProblem) throw new CommandError(error.message);
    throw error;
  }
}

/** What the plan names on this machine has to be there before anything is sent. */
export async function checkFiles({ plan, folder }: PlanAndFolder): Promise<void> {
  const unproved = evidenceProblem(plan);
  if (unproved !== undefined) throw new CommandError(unproved);
  const models = [plan.blue?.model, plan.green.model].filter(
    (model): model is PlannedModel & { path: string } => model?.path !== undefined,
  );
  try {
    const folders = await Promise.all(
      models.map(({ path }) => readModelFolder(resolve(folder, path))),
    );
    for (const each of folders) await refuseUnusable(each);
    const { csv, target, renames } = plan.evidence ?? {};
    // What lies elsewhere is read once the workspace is open.
    if (csv === undefined || isElsewhere(csv)) return;
    const table = resolve(folder, csv);
    const { columns } = await readHeader(table);
    if (target !== undefined && target !== '-') checkTarget(columns, target);
    for (const { model } of folders) {
      const problems = await tableProblems(
        table,
        model.signature,
        plannedChoices({ target, renames }),
      );
      if (problems.length > 0) throw new CommandError(problems.join('\n'));
    }
  } catch (error) {
    if (error instanceof InputError) throw new CommandError(error.message);
    throw error;
  }
}

/** A model whose files are not there would be uploaded, and paid for, in vain. */
async function refuseUnusable(folder: ModelFolder): Promise<void> {
  const [first] = await lintModelFiles(folder);
  if (!first) return;
  throw new CommandError(`${folder.path}, ${first.file}: ${first.what} ${first.advice}`);
}

/** A file's name has a dot in it, and an endpoint's has not. */
export async function endpointNamed(argument: string): Promise<string> {
  if (/\.(ya?ml|json)$/i.test(argument)) return (await readPlan(argument)).plan.endpoint.name;
  const problem = nameProblem('endpoint', argument);
  if (problem) throw new CommandError(problem);
  return argument;
}
