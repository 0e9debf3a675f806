/** A plan, or the name of an endpoint, as said on the command line. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { FileProblem } from '../interop/yaml-file.js';
import { readPlanFile } from '../interop/plan-file.js';
import { nameProblem } from '../rollout/names.js';
import type { Plan, PlannedModel } from '../rollout/plan.js';
import { readCsvHeader } from '../sampling/csv-reader.js';
import { InputError, pathProblem } from '../sampling/input-error.js';
import { readModelFolder } from '../sampling/model-folder.js';
import { CommandError } from './errors.js';

export interface PlanAndFolder {
  plan: Plan;
  /** The plan's own, from which its paths are read. */
  folder: string;
  path: string;
}

/** Throws a `CommandError` with every problem's line and column. */
export async function readPlan(argument: string): Promise<PlanAndFolder> {
  const path = resolve(argument);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(pathProblem(argument, error).message);
  });
  try {
    return { plan: readPlanFile(text, basename(path)), folder: dirname(path), path };
  } catch (error) {
    if (error instanceof FileProblem) throw new CommandError(error.message);
    throw error;
  }
}

/** What the plan names on this machine has to be there before anything is sent. */
export async function checkFiles({ plan, folder }: PlanAndFolder): Promise<void> {
  const models = [plan.blue?.model, plan.green.model].filter(
    (model): model is PlannedModel & { path: string } => model?.path !== undefined,
  );
  try {
    await Promise.all([
      ...models.map(({ path }) => readModelFolder(resolve(folder, path))),
      ...(plan.evidence ? [readCsvHeader(resolve(folder, plan.evidence.csv))] : []),
    ]);
  } catch (error) {
    if (error instanceof InputError) throw new CommandError(error.message);
    throw error;
  }
}

/** A file's name has a dot in it, and an endpoint's has not. */
export async function endpointNamed(argument: string): Promise<string> {
  if (/\.(ya?ml|json)$/i.test(argument)) return (await readPlan(argument)).plan.endpoint.name;
  const problem = nameProblem('endpoint', argument);
  if (problem) throw new CommandError(problem);
  return argument;
}
