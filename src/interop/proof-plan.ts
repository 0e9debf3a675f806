/**
 * The part of a plan that a person edits while its rollout is under way: read from a file, checked
 * as typed, and written back. The rules and sentences are those of a whole plan file.
 */
import type { z } from 'zod';
import type { ProofPlan } from '../rollout/plan/proof.js';
import { isElsewhere } from '../rollout/plan/row-place.js';
import { partOfEvidence, proofMembers, withoutOldKeys } from '../rollout/plan/proof-schema.js';
import { checkSteps, planMembers } from './plan-file.js';
import { parseYamlFile } from './yaml-file.js';
import { yamlText } from './yaml-text.js';

// A fragment says neither endpoint nor deployments, and may leave the CSV to the screen.
const schema = planMembers
  .partial({ version: true, endpoint: true, green: true })
  .extend({ evidence: partOfEvidence })
  .superRefine(checkSteps);

const MEMBERS: ReadonlySet<string> = new Set(['weights', 'evidence', ...Object.keys(proofMembers)]);

const partOf = (value: z.output<typeof schema>): ProofPlan =>
  // Without members that are `undefined`: absent is absent, as the types say.
  JSON.parse(
    JSON.stringify(
      Object.fromEntries(Object.entries(withoutOldKeys(value)).filter(([key]) => MEMBERS.has(key))),
    ),
  ) as ProofPlan;

interface ProofPlanFile {
  plan: ProofPlan;
  /** The endpoint that the file is for, where it names one. */
  endpoint?: string;
}

/** @throws FileProblem with every problem's line and column. */
export function readProofPlan(content: string, fileName: string): ProofPlanFile {
  const { value } = parseYamlFile(content, fileName, schema);
  const { name } = value.endpoint ?? {};
  return { plan: partOf(value), ...(name !== undefined && { endpoint: name }) };
}

export interface PlanProblem {
  path: readonly PropertyKey[];
  /** What is wrong, without a place. */
  message: string;
}

/** The same rules for values that were typed; everything that is wrong with them. */
export function checkProofPlan(
  typed: unknown,
): { plan: ProofPlan } | { problems: readonly PlanProblem[] } {
  const result = schema.safeParse(typed);
  if (result.success) return { plan: partOf(result.data) };
  const problems = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: issue.path, message: `unknown key ${key}` }))
      : [{ path: issue.path, message: issue.message }],
  );
  return { problems };
}

/** What a whole plan has besides, where it is known. */
export type PlanFrame = Record<string, unknown>;

/** A file that `readProofPlan` reads; with a frame, a plan that can be carried out. */
export function proofPlanYaml(plan: ProofPlan, frame: PlanFrame = {}): string {
  const { csv, ...evidence } = plan.evidence ?? {};
  const rows = csv !== undefined && isElsewhere(csv) ? { data: csv, ...evidence } : plan.evidence;
  return yamlText({ version: 1, ...frame, ...plan, ...(rows && { evidence: rows }) });
}
