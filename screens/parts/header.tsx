/**
 * Always on screen: which workspace and endpoint, which step of how many, what is live, what is
 * staged and not applied.
 *
 *      aml-rollout  PROD  ml-prod ▸ heart-prod        5 of 8 prove         02:31
 *      BLUE default 100%      GREEN xgboost-model-8 0%      staged: nothing
 */
import { Box, Text } from 'ink';
import stringWidth from 'string-width';
import { liveNames, shareOf } from '../../src/common/split.js';
import { useGlyphs, useSpoken } from '../../src/terminal/glyphs.js';
import { hyperlink } from '../../src/terminal/hyperlink.js';
import { theme } from '../../src/terminal/theme.js';
import { activeStep } from '../../src/wizard/navigation.js';
import type { Opened } from '../../src/wizard/effects/world.js';
import { fieldValue } from '../../src/wizard/form.js';
import type { State } from '../../src/wizard/state.js';
import { stagedChange } from '../../src/wizard/steps/traffic.js';
import { stepModule } from '../../src/wizard/steps/index.js';
import { cut } from './columns.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';
import { clock } from './time.js';

function place(state: State, separator: string): string {
  const session = state.session;
  if (!session) return '';
  const name = shownOpened(state)?.endpoint;
  return name ? `${session.profile.name} ${separator} ${name}` : session.profile.name;
}

/** The endpoint, else the workspace, in Azure ML studio. */
function studioPage({ session }: State): string | undefined {
  if (!session?.studio) return undefined;
  const name = session.opened?.snapshot.endpoint?.name;
  const page = name === undefined ? '' : `endpoints/realtime/${encodeURIComponent(name)}/detail`;
  return `${session.studio}/${page}?wsid=${encodeURI(session.info.id)}`;
}

/** A form for a new endpoint is not about the one that was looked at before. */
function shownOpened(state: State): Opened | undefined {
  const opened = state.session?.opened;
  const { mode, form } = state.screens.endpoint ?? {};
  const asking = activeStep(state) === 'endpoint' && mode === 'form' && !state.task;
  return asking && form && opened?.endpoint !== fieldValue(form, 'name') ? undefined : opened;
}

function counter(state: State): string {
  const step = activeStep(state);
  const at = state.shown.indexOf(step) + 1;
  return `${at} of ${state.shown.length} ${stepModule(step).title}`;
}

/** Cuts the longest of some names until together they fit `room` columns. */
function share(names: readonly string[], room: number): string[] {
  let most = Math.max(...names.map((name) => stringWidth(name)));
  const shown = (): string[] => names.map((name) => cut(name, most));
  while (most > 3 && shown().reduce((sum, name) => sum + stringWidth(name), 0) > room) most -= 1;
  return shown();
}

function TopLine() {
  const { state, width } = useWizard();
  const glyphs = useGlyphs();
  // A clock would be told every second.
  const spoken = useSpoken();
  const prod = state.session?.profile.prod ?? false;
  const right = state.session
    ? `${counter(state)}   ${spoken ? '' : `${clock(state.now - state.startedAt)} `}`
    : ' ';
  const left = ' aml-rollout  ';
  const room = width - stringWidth(left) - stringWidth(right) - (prod ? 6 : 0) - 1;
  const shown = cut(clean(place(state, glyphs.separator)), Math.max(4, room));
  const url = studioPage(state);
  const gap = ' '.repeat(Math.max(1, room - stringWidth(shown) + 1));
  return (
    <Line>
      <Text {...theme.title}>{left}</Text>
      {prod ? (
        <>
          <Text {...theme.production}>PROD</Text>
          {'  '}
        </>
      ) : null}
      {url === undefined || spoken ? shown : <Text>{hyperlink(shown, url)}</Text>}
      {gap}
      {right}
    </Line>
  );
}

/** The line's parts; the names in it are cut to what the figures leave of the width. */
function LiveLine() {
  const { state, width } = useWizard();
  const opened = shownOpened(state);
  if (!state.session) return <Line> blue-green rollout of MLflow models on Azure ML</Line>;
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

export function Header() {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  return (
    <Box flexDirection="column" flexShrink={0}>
      <TopLine />
      <LiveLine />
      <Line>
        <As is="muted">{glyphs.line.repeat(width)}</As>
      </Line>
    </Box>
  );
}
