/** A finished rollout whose blue still costs money. */
import type { JournalView } from './view.js';

export interface KeptBlue {
  blue: string;
  /** ISO date. */
  until?: string;
  overdue: boolean;
}

export function keptBlue({ completed, choice, changes, roles }: JournalView): KeptBlue | undefined {
  const { blue } = roles;
  if (!completed || blue === undefined || choice.retire === undefined) return undefined;
  const gone = changes.some(
    ({ change }) =>
      change.kind === 'deleteEndpoint' ||
      (change.kind === 'deleteDeployment' && change.deployment === blue),
  );
  if (gone || choice.retire === 'delete') return undefined;
  const { keepUntil: until } = choice;
  if (until === undefined) return { blue, overdue: false };
  return { blue, until, overdue: until < new Date().toISOString() };
}

export const keptBlueWords = ({ blue, until, overdue }: KeptBlue): string =>
  `${blue} is kept${until === undefined ? '' : ` until ${until}`}${overdue ? ', overdue' : ''}`;
