/** What the start screen tells of a rollout from its journal. */
import { shownModel } from '../../common/model-ref.js';
import { formatSplit } from '../../common/split.js';
import { succeeded, type ChangeRecord, type JournalView } from '../../rollout/journal/view.js';

export interface RolloutAbout {
  owner?: string;
  /** ISO time. */
  openedAt?: string;
  /** What the last traffic write set, and when. */
  split?: { text: string; at: string };
  /** Deployment and model. */
  green?: string;
  /** Green's traffic weights in percent, where the plan was chosen. */
  weights?: number[];
  /** Gates of the last judgement. */
  judged?: string;
  /** That succeeded, the newest last. */
  changes: Pick<ChangeRecord, 'title' | 'ended'>[];
}

/** More than a tall terminal has rows for. */
const MOST_CHANGES = 40;

function judgedText({ judgements }: JournalView): string | undefined {
  const last = judgements.at(-1);
  if (!last || last.verdicts.length === 0) return undefined;
  const of = (...outcomes: string[]): number =>
    last.verdicts.filter(({ verdict }) => outcomes.includes(verdict)).length;
  const counts = [
    `${of('pass')} of ${last.verdicts.length} passed at ${last.weight}%`,
    ...(of('fail') > 0 ? [`${of('fail')} failed`] : []),
    ...(of('inconclusive', 'error') > 0 ? [`${of('inconclusive', 'error')} inconclusive`] : []),
    ...(last.override === undefined ? [] : [`overridden: ${last.override}`]),
  ];
  return counts.join(', ');
}

function greenText({ roles, changes, choice }: JournalView): string | undefined {
  const { green } = roles;
  if (green === undefined) return undefined;
  const made = changes.findLast(
    ({ change }) => change.kind === 'createDeployment' && change.deployment === green,
  )?.change;
  const { name, version, id } = choice.newModel ?? {};
  const chosen = id ?? (version === undefined ? undefined : `azureml:${name}:${version}`);
  const model = made?.kind === 'createDeployment' ? made.spec.model : chosen;
  return model === undefined ? green : `${green}, model ${shownModel(model)}`;
}

export function rolloutAbout(view: JournalView): RolloutAbout {
  const changes = view.changes.filter(succeeded);
  const last = changes.findLast(({ change }) => change.kind === 'setTraffic');
  const green = greenText(view);
  const judged = judgedText(view);
  const { owner, openedAt } = view;
  const weights = view.choice.plan?.weights;
  return {
    ...(owner !== undefined && { owner }),
    ...(openedAt !== undefined && { openedAt }),
    ...(last?.change.kind === 'setTraffic' &&
      last.ended && { split: { text: formatSplit(last.change.to), at: last.ended.at } }),
    ...(green !== undefined && { green }),
    ...(weights && { weights }),
    ...(judged !== undefined && { judged }),
    changes: changes
      .slice(-MOST_CHANGES)
      .map(({ title, ended }) => ({ title, ...(ended && { ended }) })),
  };
}
