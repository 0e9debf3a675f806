/** What each of the three does to blue: what it costs then, what goes, and how blue comes back. */
import { shownModel } from '../../src/common/model-ref.js';
import { costPerHour, formatDollars } from '../../src/rollout/cost.js';
import type { State } from '../../src/wizard/state.js';
import { deploymentOf } from '../../src/wizard/steps/deployment-form.js';
import { deletionRefused } from '../../src/wizard/steps/retire.js';
import { factBlock, type Block } from './blocks.js';

/** As Azure's price calculator counts a month. */
const HOURS_A_MONTH = 730;

const perMonth = (perHour: number): string =>
  `${formatDollars(perHour)} per hour, ${formatDollars(perHour * HOURS_A_MONTH)} per month (Azure list price)`;

/** Of the choice under the cursor; nothing once blue is deleted. */
export function retireDetails(state: State, choice: string, width: number): Block[] {
  const { session } = state;
  const opened = session?.opened;
  const blue = deploymentOf(opened, 'blue');
  if (!opened || !blue) return [];
  const { name, instanceCount, instanceType, model } = blue;
  const cost = (count: number): number | undefined =>
    costPerHour([{ instanceType, instanceCount: count }], session.prices ?? {});
  const [all, one] = [cost(instanceCount), cost(1)];
  const rollBack = 'b on the start screen, or the command rollback';
  const known = (label: string, dollars: number | undefined): [string, string][] =>
    dollars === undefined ? [] : [[label, perMonth(dollars)]];
  if (choice === 'delete') {
    const refused = deletionRefused(state);
    return [
      factBlock(
        'delete',
        [
          ['removes', `${name}: ${instanceCount} of ${instanceType}, with its logs`],
          [
            'keeps',
            `model ${shownModel(model)}, endpoint ${opened.endpoint} and its other deployments`,
          ],
          ...known('saves', all),
          ['bring back', `create ${name} again from its definition in the report, then roll back`],
          ['when', refused === undefined ? 'now, after you type its name' : `not yet: ${refused}`],
        ],
        width,
      ),
    ];
  }
  if (choice === 'scale-to-one') {
    const scales = instanceCount > 1;
    return [
      factBlock(
        'scale to one',
        [
          [
            'changes',
            scales
              ? `${name}: ${instanceCount} instances become 1`
              : `nothing: ${name} has one instance`,
          ],
          ...(scales ? known('costs then', one) : known('costs', one)),
          ...(scales && all !== undefined && one !== undefined ? known('saves', all - one) : []),
          [
            'bring back',
            `${rollBack}${scales ? `; it scales ${name} to ${instanceCount} first` : ''}`,
          ],
        ],
        width,
      ),
    ];
  }
  return [
    factBlock(
      'keep',
      [
        ['changes', `nothing: ${name} stays at 0% with ${instanceCount} of ${instanceType}`],
        ...known('costs', all),
        ['bring back', `${rollBack}: one traffic write, no new deployment`],
        ['reminder', 'the start screen lists it as a kept blue until it is deleted'],
      ],
      width,
    ),
  ];
}
