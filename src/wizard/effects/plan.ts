/** The rollout's plan: kept in the journal, read from a file, written to one. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { readBytes } from '../../common/read-text.js';
import { proofPlanYaml, readProofPlan, type PlanFrame } from '../../interop/proof-plan.js';
import { FileProblem } from '../../interop/yaml-file.js';
import { ChangeError } from '../../rollout/errors.js';
import type { Verdict } from '../../rollout/evidence/gates/verdict.js';
import type { HoldEnded, Judgement } from '../../rollout/journal/entry.js';
import { overrideLast } from '../../rollout/moves/override.js';
import type { ProofPlan } from '../../rollout/plan/proof.js';
import { rowsFrom } from '../../rollout/plan/row-place.js';
import { pathProblem } from '../../sampling/input-error.js';
import type { PlanFile } from '../plan.js';
import { workspaceModel } from '../../common/model-ref.js';
import { typedPath } from './typed-path.js';
import { openedOf, rolloutOf, type CommandKind, type Opened, type Rollout } from './world.js';

const refused = (what: string, message: string, advice: string): ChangeError =>
  new ChangeError({ kind: 'invalid', what, message, advice, retrySafe: false });

/**
 * Reads a plan file, or a part of one. Paths in it are made absolute, from the file's folder.
 * Rejects with a `ChangeError` that says each problem's line and column.
 * @param shown the path as the person typed it, for sentences
 */
export async function loadPlanFile(path: string, shown: string): Promise<PlanFile> {
  const what = `read ${shown}`;
  const bytes = await readBytes(path).catch((error: unknown) => {
    throw refused(what, pathProblem(shown, error).message, 'Enter the path of a plan file.');
  });
  try {
    const { plan, endpoint } = readProofPlan(bytes.toString('utf8'), basename(path));
    const csv = plan.evidence?.csv;
    const evidence = { ...plan.evidence, ...(csv && { csv: rowsFrom(dirname(path), csv) }) };
    return {
      plan: plan.evidence ? { ...plan, evidence } : plan,
      file: { name: basename(path), sha256: createHash('sha256').update(bytes).digest('hex') },
      ...(endpoint !== undefined && { endpoint }),
    };
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    throw refused(what, error.message, 'Fix the file, or choose another.');
  }
}

/** What makes a whole plan of it, as far as both deployments serve registered models. */
function frameOf({ engine }: Rollout): PlanFrame {
  const { endpoint, deployments = [] } = engine.snapshot ?? {};
  const { roles } = engine.roles;
  const deployment = (name: string | undefined) => {
    const found = deployments.find((each) => each.name === name);
    const model = found && workspaceModel(found.model);
    if (!found || !model) return undefined;
    const { instanceType, instanceCount } = found;
    return { name: found.name, model, instanceType, instanceCount };
  };
  const [blue, green] = [deployment(roles.blue), deployment(roles.green)];
  if (!endpoint || !blue || !green) return {};
  return { endpoint: { name: endpoint.name, auth: endpoint.authMode }, blue, green };
}

/** With the rows that were really sent, so that the file can be carried out elsewhere. */
function withRows(plan: ProofPlan, { engine }: Rollout): ProofPlan {
  const sent = engine.view.choice.csv;
  const { csv = sent?.path, rows, seed = sent?.seed, target = sent?.target } = plan.evidence ?? {};
  const { evidence, ...rest } = plan;
  if (csv === undefined) return rest;
  return {
    ...rest,
    evidence: {
      ...evidence,
      csv,
      ...(rows !== undefined && { rows }),
      ...(seed !== undefined && { seed }),
      ...(target !== undefined && { target }),
    },
  };
}

interface PlanInUse {
  plan: ProofPlan;
  file?: PlanFile['file'];
  gates?: Verdict['gate'][];
  stages?: Judgement['stage'][];
  /** Green's share in percent, where the plan cuts its hold short. */
  hold?: number;
  reason?: string;
}

/**
 * Keeps a plan for this rollout. With a reason where it changes checks that are in the way; it
 * overrides the judgements in which nothing else does.
 */
export const usePlanCommand: CommandKind<PlanInUse, Opened> = {
  what: 'keeping the plan',
  async carryOut({ plan, file, gates, stages = [], hold, reason }, { world }) {
    const rollout = rolloutOf(world);
    const { engine } = rollout;
    engine.choose({
      plan,
      ...(file && { planFile: file }),
      ...(gates &&
        reason !== undefined && {
          planReason: { gates, ...(hold !== undefined && { hold }), reason },
        }),
    });
    const { green } = engine.roles.roles;
    for (const stage of reason === undefined ? [] : stages) {
      overrideLast(engine, stage, green ?? '', `the plan was changed: ${reason ?? ''}`);
    }
    return Promise.resolve(openedOf(rollout));
  },
};

export const readPlanCommand: CommandKind<{ path: string }, PlanFile> = {
  what: 'reading the plan',
  carryOut: ({ path }, { world }) => loadPlanFile(typedPath(world.cwd, path), path),
};

/** Never writes over a file. */
export const savePlanCommand: CommandKind<{ path: string; plan: ProofPlan }, { path: string }> = {
  what: 'writing the plan',
  async carryOut({ path, plan }, { world }) {
    const rollout = rolloutOf(world);
    const to = typedPath(world.cwd, path);
    const text = proofPlanYaml(withRows(plan, rollout), frameOf(rollout));
    await writeFile(to, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      const sentence =
        error.code === 'EEXIST'
          ? `${path} already exists: enter another name.`
          : error.code === 'ENOENT'
            ? `There is no folder ${dirname(to)} to write to.`
            : pathProblem(path, error).message;
      throw refused(`write ${path}`, sentence, 'Enter another path.');
    });
    return { path: to };
  },
};

/** A person ends a hold; `early` wants a reason. */
export const endHoldCommand: CommandKind<HoldEnded & { verdicts: Verdict[] }, Opened> = {
  what: 'ending the hold',
  async carryOut({ verdicts, ...ended }, { world }) {
    const rollout = rolloutOf(world);
    const { engine } = rollout;
    const { green } = engine.roles.roles;
    engine.choose({ holdEnded: ended });
    // In the report beside what live users met; a yes that the plan asked for overrides nothing.
    if (ended.weight > 0 && green !== undefined) {
      engine.judged({
        stage: 'watch',
        deployment: green,
        weight: ended.weight,
        verdicts,
        ...(ended.reason === undefined
          ? { decision: 'promote' }
          : { decision: 'hold', override: `the hold was ended early: ${ended.reason}` }),
      });
    }
    return Promise.resolve(openedOf(rollout));
  },
};

/** Goes on in spite of what the gates say; the reason is kept in the journal. */
export const overrideCommand: CommandKind<{ stage: Judgement['stage']; reason: string }, Opened> = {
  what: 'recording the reason',
  async carryOut({ stage, reason }, { world }) {
    const rollout = rolloutOf(world);
    const { green } = rollout.engine.roles.roles;
    overrideLast(rollout.engine, stage, green ?? '', reason);
    return Promise.resolve(openedOf(rollout));
  },
};
