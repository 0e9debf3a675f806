/** The journal folded to what the rest of the program asks of it. */
import type { AzureFailure, Deployment, WorkspaceRef } from '../../azure/types.js';
import type { Change } from '../changes/change.js';
import type { Choice, JournalEntry, Judgement, Roles, TestResult } from './entry.js';
import type { Difference } from '../inherit.js';
import { undoStack } from '../undo.js';
import { sanitizeLine } from '../../common/sanitize.js';
import type { Split } from '../../common/split.js';

export interface ChangeRecord {
  id: number;
  change: Change;
  title: string;
  /** Its place among the lines of the journal: a clock may be set back. */
  line: number;
  begunAt: string;
  splitBefore?: Split;
  /** What a deletion took away. */
  deleted?: Deployment[];
  /** Hash of the environment variables by deployment, where their values are not kept. */
  variables?: Record<string, string>;
  /** Azure's `Azure-AsyncOperation` url, once accepted. */
  operation?: string;
  /** Absent while it is not known how it ended. */
  ended?: { at: string; seconds: number } & (
    { ok: true; differences?: Difference[] } | { ok: false; failure: AzureFailure }
  );
}

export interface JournalView {
  rolloutId?: string;
  workspace?: WorkspaceRef;
  endpoint?: string;
  owner?: string;
  openedAt?: string;
  /** Lines that are folded into this. */
  lines: number;
  /** Time of the last line. */
  lastAt?: string;
  /** All choices, later ones over earlier ones. */
  choice: Choice;
  /** Where `choice.holdEnded` was written. */
  holdEndedLine?: number;
  roles: Roles;
  changes: ChangeRecord[];
  /** Started, and not known how they ended. */
  pending: ChangeRecord[];
  tests: { at: string; line: number; result: TestResult }[];
  judgements: (Judgement & { at: string; line: number })[];
  /** Where the present split was read back. */
  splitLine?: number;
  /** Probes of the whole rollout. */
  probesSent: number;
  /** Of the present split; absent when nobody watched it yet. */
  watched?: { weight: number; until: string; judgedUntil: string };
  undo: Split[];
  /** ARM ids of models whose green was judged and then deleted. */
  rejected: string[];
  /** The split live when the rollout of the new version began. */
  splitAtStart?: Split;
  /** Instances of blue before this rollout made it smaller. */
  blueInstances?: number;
  /** This rollout created the endpoint, so it may delete it. */
  createdEndpoint: boolean;
  /** This rollout created the deployment that serves as blue. */
  createdBlue: boolean;
  /** What was live when a person adopted somebody else's change; until traffic is set again. */
  adopted?: { at: string; traffic: Split };
  /** Set until something is changed again. */
  aborted?: { at: string; restored: Split };
  completed?: { at: string; report: string };
}

export const succeeded = (record: ChangeRecord): boolean => record.ended?.ok === true;

/** When the present split was read back, as far as this journal knows; epoch milliseconds. */
export function splitSince({ changes }: JournalView): number | undefined {
  const last = changes.findLast(
    ({ change, ended }) => change.kind === 'setTraffic' && ended?.ok === true,
  );
  return last?.ended && Date.parse(last.ended.at);
}

/** Of the green that there is now, or was last. */
export function differencesOf(
  { changes }: JournalView,
  green: string | undefined,
): Difference[] | undefined {
  const created = changes.findLast(
    ({ change, ended }) =>
      change.kind === 'createDeployment' && change.deployment === green && ended?.ok === true,
  );
  return created?.ended?.ok === true ? created.ended.differences : undefined;
}

/** A change that belongs to the new version, not to the setting-up of the first one. */
function startsRollout(change: Change): boolean {
  return change.kind === 'createDeployment'
    ? change.role === 'green'
    : (change.kind === 'setTraffic' && change.why === 'advance') || change.kind === 'setMirror';
}

export function journalView(entries: readonly JournalEntry[]): JournalView {
  const view: JournalView = {
    lines: entries.length,
    choice: {},
    roles: {},
    changes: [],
    pending: [],
    tests: [],
    judgements: [],
    probesSent: 0,
    undo: undoStack(entries),
    rejected: [],
    createdEndpoint: false,
    createdBlue: false,
  };
  const byId = new Map<number, ChangeRecord>();
  for (const [line, entry] of entries.entries()) {
    view.lastAt = entry.at;
    switch (entry.event) {
      case 'opened':
        view.rolloutId = entry.rolloutId;
        view.workspace = entry.workspace;
        view.endpoint = entry.endpoint;
        view.owner = sanitizeLine(entry.owner);
        view.openedAt = entry.at;
        break;
      case 'choice':
        view.choice = { ...view.choice, ...entry.choice };
        view.roles = { ...view.roles, ...entry.choice.roles };
        if (entry.choice.holdEnded) view.holdEndedLine = line;
        break;
      case 'begun': {
        const { id, change, title, splitBefore, deleted, variables, at } = entry;
        const record = {
          id,
          change,
          title,
          line,
          begunAt: at,
          ...(splitBefore && { splitBefore }),
          ...(deleted && { deleted }),
          ...(variables && { variables }),
        };
        byId.set(id, record);
        view.changes.push(record);
        if (splitBefore && startsRollout(change)) view.splitAtStart ??= splitBefore;
        if (!endsOrCleansUp(change)) delete view.aborted;
        break;
      }
      case 'accepted': {
        const record = byId.get(entry.id);
        if (record) record.operation = entry.operation;
        break;
      }
      case 'ended': {
        const record = byId.get(entry.id);
        if (!record) break;
        const { at, seconds } = entry;
        record.ended = entry.ok
          ? { at, seconds, ok: true, ...(entry.differences && { differences: entry.differences }) }
          : { at, seconds, ok: false, failure: entry.failure };
        if (entry.ok && record.change.kind === 'setTraffic') view.splitLine = line;
        if (entry.ok) applyEnded(view, record.change, at);
        break;
      }
      case 'tested':
        view.tests.push({ at: entry.at, line, result: entry.result });
        break;
      case 'watched': {
        const { weight, until, judgedUntil } = entry;
        view.watched = { weight, until, judgedUntil };
        break;
      }
      case 'judged': {
        const { event: _, seq: __, format: ___, ...judgement } = entry;
        view.judgements.push({ ...judgement, line });
        break;
      }
      case 'probed':
        view.probesSent += entry.sent;
        break;
      case 'adopted':
        view.adopted = { at: entry.at, traffic: entry.traffic };
        delete view.watched;
        break;
      case 'aborted':
        view.aborted = { at: entry.at, restored: entry.restored };
        break;
      case 'completed':
        view.completed = { at: entry.at, report: entry.report };
    }
  }
  view.pending = view.changes.filter((record) => !record.ended);
  return view;
}

/** After an abort, anything else begins anew. */
const endsOrCleansUp = (change: Change): boolean =>
  change.kind === 'setTraffic'
    ? ['abort', 'close'].includes(change.why)
    : ['deleteDeployment', 'deleteAutoscale', 'deleteEndpoint'].includes(change.kind);

function applyEnded(view: JournalView, change: Change, at: string): void {
  switch (change.kind) {
    case 'setTraffic':
      // Another split has not been watched yet; a write of tags alone changes none.
      if (change.why !== 'close') delete view.watched;
      delete view.adopted;
      // A rollback ends the rollout as an abort does.
      if (change.why === 'rollback') view.aborted = { at, restored: change.to };
      break;
    case 'createEndpoint':
      view.createdEndpoint = true;
      break;
    case 'deleteEndpoint':
      view.createdEndpoint = false;
      break;
    case 'createDeployment':
      view.roles = { ...view.roles, [change.role]: change.deployment };
      if (change.role === 'blue') view.createdBlue = true;
      break;
    case 'scaleDeployment':
      if (change.deployment === view.roles.blue && change.to < change.from) {
        view.blueInstances = Math.max(view.blueInstances ?? 0, change.from);
      }
      break;
    case 'deleteDeployment':
      if (change.deployment === view.roles.green) applyRejection(view, change.deployment);
      break;
    case 'registerModel':
    case 'packageModel':
    case 'setMirror':
    case 'copyAutoscale':
    case 'deleteAutoscale':
      break;
  }
}

/** A green that was judged and then deleted was rejected: its model is no answer any more. */
function applyRejection(view: JournalView, green: string): void {
  const made = view.changes.findLast(
    ({ change }) => change.kind === 'createDeployment' && change.deployment === green,
  );
  const judged = view.judgements.some(
    ({ stage, deployment, line }) =>
      stage === 'prove' && deployment === green && line > (made?.line ?? -1),
  );
  if (!judged) return;
  const { newModel: _, ...kept } = view.choice;
  view.choice = kept;
  if (made?.change.kind === 'createDeployment') view.rejected.push(made.change.spec.model);
}
