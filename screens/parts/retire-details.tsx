/** What each of the three does to blue: what it costs then, what goes, and how blue comes back. */
import { shownModel } from '../../src/common/model-ref.js';
import { costPerHour } from '../../src/rollout/cost.js';
import type { State } from '../../src/wizard/state.js';
import { deploymentOf } from '../../src/wizard/steps/deployment-form.js';
import { deletionRefused } from '../../src/wizard/steps/retire.js';
import { factBlock, type Block } from './blocks.js';
import { perMonth } from './per-month.js';

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
          ['saves', perMonth(all)],
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
          [scales ? 'costs then' : 'costs', perMonth(one)],
          [
            'saves',
            scales && all !== undefined && one !== undefined ? perMonth(all - one) : undefined,
          ],
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
        ['costs', perMonth(all)],
        ['bring back', `${rollBack}: one traffic write, no new deployment`],
        ['reminder', 'the start screen lists it as a kept blue until it is deleted'],
      ],
      width,
    ),
  ];
}
