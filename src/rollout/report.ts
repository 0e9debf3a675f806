/** What a rollout did, for people and for machines: no cells of the CSV, no secrets. */
import type { WorkspaceRef } from '../azure/types.js';
import type { Change, CreateDeployment } from './changes/change.js';
import { definitions } from './definitions.js';
import type { Difference } from './inherit.js';
import type { Choice, Judgement, Roles, TestResult } from './journal/entry.js';
import { reactionsOf, type ProofPlan } from './plan/proof.js';
import { shownRows } from './plan/row-place.js';
import { planRollback } from './rollback.js';
import { rolesOf } from './roles.js';
import { hideSecretsIn } from '../common/hide-secrets.js';
import { withoutSecrets } from './secrets.js';
import type { Snapshot } from './snapshot.js';
import { type Split, sameSplit, shareOf } from '../common/split.js';
import { splitAtStart } from './traffic-change.js';
import { differencesOf, type ChangeRecord, type JournalView } from './journal/view.js';

export interface Report {
  /** Raised when a member changes its meaning. */
  format: 1;
  program: string;
  reportedAt: string;
  workspace: WorkspaceRef;
  endpoint: string;
  rolloutId?: string;
  owner?: string;
  openedAt?: string;
  outcome: 'promoted' | 'partly' | 'aborted' | 'not started' | 'endpoint deleted';
  roles: Roles;
  splitAtStart?: Split;
  splitNow?: Split;
  /** What was asked of green, as carried out last; only what differs from the defaults. */
  plan?: Choice['plan'];
  planFile?: Choice['planFile'];
  /** Why checks or a hold that stood in the way were changed. */
  planReason?: Choice['planReason'];
  proofOverride?: string;
  keepUntil?: string;
  /** What green had otherwise than blue when it was created, but for the model; empty: nothing. */
  differences?: Difference[];
  changes: {
    at: string;
    title: string;
    change: Change;
    /** Hash of the environment variables by deployment, where their values are not kept. */
    variables?: Record<string, string>;
    outcome: string;
    /** Absent while it is not known how it ended. */
    ok?: boolean;
    seconds?: number;
    operation?: string;
  }[];
  tests: { at: string; result: TestResult }[];
  /** What the gates said, in the order in which they were asked. */
  judgements: (Judgement & { at: string })[];
  rollback: { sentence: string; commands: string[] };
  definitions: { deployment: string; yaml: string }[];
}

/** Words of other tools, handed in so that this room needs to know none of them. */
interface ReportWords {
  deploymentYaml(change: CreateDeployment): string;
  /** Empty when the tool can't say it. */
  az(change: Change): string[];
  /** This program's own command that rolls back. */
  rollback: string;
}

function outcomeOf(now: Snapshot, view: JournalView, roles: Roles): Report['outcome'] {
  if (!now.endpoint) return 'endpoint deleted';
  if (view.aborted) return 'aborted';
  const { blue, green } = roles;
  const { traffic } = now.endpoint;
  if (green === undefined || shareOf(traffic, green) === 0) return 'not started';
  return blue !== undefined && shareOf(traffic, blue) > 0 ? 'partly' : 'promoted';
}

function outcomeText({ ended }: ChangeRecord): string {
  if (!ended) return 'not known yet';
  return ended.ok ? 'done, verified' : `failed: ${ended.failure.message}`;
}

function rollback(now: Snapshot, view: JournalView, words: ReportWords): Report['rollback'] {
  const plan = planRollback(now, view);
  if (plan.kind !== 'ready') return { sentence: plan.sentence, commands: [] };
  const changes = plan.scaleFirst ? [plan.scaleFirst, plan.change] : [plan.change];
  return {
    sentence: `${plan.warning ? `${plan.warning} ` : ''}Run \`${words.rollback}\`, or with the Azure CLI:`,
    commands: changes.flatMap((change) => words.az(change)),
  };
}

/** With the reactions that were in force, said or not. A path of one machine tells a reviewer nothing. */
function inForce(plan: ProofPlan): ProofPlan {
  const { evidence } = plan;
  const csv = evidence?.csv === undefined ? undefined : shownRows(evidence.csv);
  return {
    ...plan,
    ...reactionsOf(plan),
    ...(csv !== undefined && { evidence: { ...evidence, csv } }),
  };
}

export function makeReport(
  now: Snapshot,
  view: JournalView,
  words: ReportWords,
  { program, reportedAt }: { program: string; reportedAt: string },
): Report {
  const { roles } = rolesOf(now, view);
  const start = splitAtStart({ now, view });
  const overridden = view.judgements.findLast(
    ({ stage, deployment, override }) =>
      stage === 'prove' && deployment === roles.green && override !== undefined,
  );
  const traffic = now.endpoint?.traffic;
  const visible = view.choice.plan?.visibleVariables;
  const differing = differencesOf(view, roles.green);
  const { subscriptionId, resourceGroup, workspaceName } = now.workspace;
  const report: Report = {
    format: 1,
    program,
    reportedAt,
    workspace: { subscriptionId, resourceGroup, workspaceName },
    endpoint: now.endpointName,
    ...(view.rolloutId !== undefined && { rolloutId: view.rolloutId }),
    ...(view.owner !== undefined && { owner: view.owner }),
    ...(view.openedAt !== undefined && { openedAt: view.openedAt }),
    outcome: outcomeOf(now, view, roles),
    roles,
    ...(start && { splitAtStart: start }),
    ...(traffic && { splitNow: traffic }),
    ...(view.choice.plan && { plan: inForce(view.choice.plan) }),
    ...(view.choice.planFile && { planFile: view.choice.planFile }),
    ...(view.choice.planReason && { planReason: view.choice.planReason }),
    ...(overridden?.override !== undefined && { proofOverride: overridden.override }),
    ...(view.choice.retire === 'keep' &&
      view.choice.keepUntil !== undefined && { keepUntil: view.choice.keepUntil }),
    ...(differing && { differences: differing }),
    changes: view.changes.map((record) => ({
      at: record.begunAt,
      title: record.title,
      change: withoutSecrets(record.change, visible),
      ...(record.variables && { variables: record.variables }),
      outcome: outcomeText(record),
      ...(record.ended && { ok: record.ended.ok, seconds: record.ended.seconds }),
      ...(record.operation !== undefined && { operation: record.operation }),
    })),
    tests: view.tests.map(({ line: _, ...test }) => test),
    judgements: view.judgements.map(({ line: _, ...judgement }) => judgement),
    rollback: rollback(now, view, words),
    definitions: definitions(view, now.deployments).map((change) => ({
      deployment: change.deployment,
      yaml: words.deploymentYaml(withoutSecrets(change, visible)),
    })),
  };
  if (start && traffic && sameSplit(start, traffic) && report.outcome === 'promoted') {
    report.outcome = 'not started';
  }
  return hideSecretsIn(report);
}
