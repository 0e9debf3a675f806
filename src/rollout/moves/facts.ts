/** What `nextMove` decides on: what is observed, journaled and planned, and what follows at once. */
import type { Deployment, Endpoint } from '../../azure/types.js';
import { findDeployment } from '../changes/conditions.js';
import type { Drift } from '../drift.js';
import type { JournalView } from '../journal/view.js';
import type { Plan } from '../plan.js';
import type { ProofPlan } from '../plan/proof.js';
import type { Roles } from '../journal/entry.js';
import type { Snapshot } from '../snapshot.js';
import { type Split, liveNames, movable, shareOf } from '../../common/split.js';
import { decodeTags } from '../tags.js';
import { lastJudged, type Judged } from './judged.js';
import type { MoreRows } from './move.js';

/** A plan file has all of it; on a screen a person fills in what is missing. */
export type RolloutPlan = ProofPlan & Partial<Pick<Plan, 'endpoint' | 'blue' | 'green' | 'retire'>>;

/** What a session has done that the journal does not keep, and another would do again. */
export interface SessionFacts {
  /** Epoch milliseconds. */
  startedAt: number;
  /** Its first line in the journal. Failures judged before it are judged again. */
  firstLine: number;
  /** ARM id of the version that green serves or will serve. */
  greenModel?: string;
  /** The models' signatures were compared. */
  contract?: boolean;
  /** Rows that the last round of the proof asked for. */
  more?: MoreRows;
  /** Green's weight whose unwatched minutes are judged. */
  caughtUp?: number;
  /** Green's weight when the session began. */
  left?: number;
  /** A green of this rollout that serves another model than the plan's may be deleted. */
  replaceGreen?: boolean;
}

export interface Situation {
  plan: RolloutPlan;
  now: Snapshot;
  view: JournalView;
  /** As the tags, the journal or the one live deployment tell. */
  known: Roles;
  drift?: Drift | undefined;
  session: SessionFacts;
  /** Epoch milliseconds. */
  at: number;
}

export interface Facts extends Situation {
  endpoint: Endpoint | undefined;
  traffic: Split;
  /** Deployments with live traffic, the largest weight first. */
  live: string[];
  blueName: string | undefined;
  greenName: string | undefined;
  blue: Deployment | undefined;
  green: Deployment | undefined;
  /** Percent of live traffic. */
  blueWeight: number;
  greenWeight: number;
  /** The most that green can get: other deployments keep their weights. */
  mostForGreen: number;
  /** Green has all that can be moved to it. */
  complete: boolean;
  /** Somebody's rollout ended so: neither tags nor a journal tell of one. */
  finished: boolean;
  /** The last proof of this green. */
  proof: Judged | undefined;
}

export function factsOf(situation: Situation): Facts {
  const { plan, now, view, known } = situation;
  const { endpoint } = now;
  const traffic = endpoint?.traffic ?? {};
  const live = liveNames(traffic);
  const greenName = plan.green?.name ?? known.green;
  const others = live.filter((each) => each !== greenName);
  const told = known.blue === greenName ? undefined : known.blue;
  const blueName = plan.blue?.name ?? told ?? (others.length === 1 ? others[0] : undefined);
  const find = (name: string | undefined) =>
    name === undefined ? undefined : findDeployment(now, name);
  const greenWeight = greenName === undefined ? 0 : shareOf(traffic, greenName);
  const mostForGreen = movable(traffic, blueName ?? '', greenName ?? '');
  const complete = find(greenName) !== undefined && greenWeight > 0 && greenWeight === mostForGreen;
  const tagged = decodeTags(endpoint?.tags ?? {}).rolloutId !== undefined;
  return {
    ...situation,
    endpoint,
    traffic,
    live,
    blueName,
    greenName,
    blue: find(blueName),
    green: find(greenName),
    blueWeight: blueName === undefined ? 0 : shareOf(traffic, blueName),
    greenWeight,
    mostForGreen,
    complete,
    finished: complete && !tagged && view.changes.length === 0,
    proof: lastJudged(view, greenName, 'prove'),
  };
}

/** A judgement of this session stands; an earlier session's failure is judged again. */
export const isOfThisSession = ({ session }: Situation, judged: Judged): boolean =>
  judged.line >= session.firstLine;
