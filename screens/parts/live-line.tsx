/** What is live, and what is staged and not applied: the header's second line in an open workspace. */
import stringWidth from 'string-width';
import { liveNames, shareOf } from '../../src/common/split.js';
import { shownOpened } from '../../src/wizard/shown-opened.js';
import { stagedChange } from '../../src/wizard/steps/staged-traffic.js';
import { cut } from './columns.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';

/** Cuts the longest of some names until together they fit `room` columns. */
function share(names: readonly string[], room: number): string[] {
  let most = Math.max(...names.map((name) => stringWidth(name)));
  const shown = (): string[] => names.map((name) => cut(name, most));
  while (most > 3 && shown().reduce((sum, name) => sum + stringWidth(name), 0) > room) most -= 1;
  return shown();
}

/** The line's parts; the names in it are cut to what the figures leave of the width. */
export function LiveLine() {
  const { state, width } = useWizard();
  const opened = shownOpened(state);
  const traffic = opened?.snapshot.endpoint?.traffic ?? {};
  const { blue, green: named } = opened?.roles ?? {};
  const greenState = opened?.snapshot.deployments.find((each) => each.name === named);
  // A rejected green that is deleted keeps its role in the journal.
  const green = greenState || shareOf(traffic, named ?? '') > 0 ? named : undefined;
  const others = liveNames(traffic).filter((name) => name !== blue && name !== green);
  const staged = stagedChange(state);
  const failed = greenState?.provisioningState === 'Failed';
  const frozen = others.reduce((sum, name) => sum + shareOf(traffic, name), 0);
  const stagedText =
    staged && blue && green
      ? `staged: ${shareOf(staged.to, blue)} / ${shareOf(staged.to, green)}`
      : 'staged: nothing';
  const making = state.task?.change?.kind === 'createDeployment' ? state.task.change : undefined;
  const coming = making?.role === 'green' && !green ? making.deployment : undefined;
  const gone =
    !!opened?.snapshot.endpoint &&
    blue !== undefined &&
    green !== undefined &&
    shareOf(traffic, green) > 0 &&
    !opened.snapshot.deployments.some((each) => each.name === blue);
  const blueTail = blue ? ` ${gone ? 'deleted' : `${shareOf(traffic, blue)}%`}` : '';
  const greenTail = coming
    ? ' being created'
    : green
      ? ` ${failed ? 'FAILED' : `${shareOf(traffic, green)}%`}`
      : '';
  const othersText = others.length === 0 || !blue ? [] : [`others ${frozen}%`];
  // Nobody said yet which of several live ones is to be replaced.
  const unnamed = blue
    ? ''
    : others.map((name) => `${clean(name)} ${shareOf(traffic, name)}%`).join(', ');
  const names = [clean(blue ?? (unnamed || 'none yet')), clean(green ?? coming ?? 'none yet')];
  const figures = [` BLUE ${blueTail}`, `GREEN ${greenTail}`, ...othersText, stagedText];
  const room = width - figures.reduce((sum, each) => sum + stringWidth(each), 0);
  const wanted = names.reduce((sum, name) => sum + stringWidth(name), 0);
  const gap = ' '.repeat(room - wanted >= 4 * (figures.length - 1) ? 4 : 2);
  const [blueName = '', greenName = ''] = share(names, room - gap.length * (figures.length - 1));
  return (
    <Line>
      <As is="live">{` BLUE ${blueName}${blueTail}`}</As>
      {gap}
      <As is={green ? 'new' : 'muted'}>{`GREEN ${greenName}${greenTail}`}</As>
      {othersText.map((text) => gap + text).join('')}
      {gap}
      <As is={staged ? 'staged' : 'muted'}>{stagedText}</As>
    </Line>
  );
}
