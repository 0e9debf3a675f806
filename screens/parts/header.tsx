/**
 * Always on screen: which workspace and endpoint, which step of how many, what is live, what is
 * staged and not applied.
 *
 *      aml-rollout  PROD  ml-prod ▸ heart-prod        5 of 8 prove         02:31
 *      LIVE default 100 %      NEW xgboost-model-8 0 %      staged: nothing
 */
import { Box, Text } from 'ink';
import stringWidth from 'string-width';
import { liveNames, shareOf } from '../../src/rollout/split.js';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import { theme } from '../../src/terminal/theme.js';
import { activeStep, shownSteps } from '../../src/wizard/navigation.js';
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
  const name = session.opened?.endpoint;
  return name ? `${session.profile.name} ${separator} ${name}` : session.profile.name;
}

function counter(state: State): string {
  const step = activeStep(state);
  const shown = shownSteps(state);
  const at = shown.indexOf(step) + 1;
  return `${at} of ${shown.length} ${stepModule(step).title}`;
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
  const prod = state.session?.profile.prod ?? false;
  const right = state.session
    ? `${counter(state)}   ${clock(state.now - state.startedAt)} `
    : `${clean(state.session ?? '')} `;
  const left = ' aml-rollout  ';
  const room = width - stringWidth(left) - stringWidth(right) - (prod ? 6 : 0) - 1;
  const shown = cut(clean(place(state, glyphs.separator)), Math.max(4, room));
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
      {shown}
      {gap}
      {right}
    </Line>
  );
}

/** The line's parts; the names in it are cut to what the figures leave of the width. */
function LiveLine() {
  const { state, width } = useWizard();
  const opened = state.session?.opened;
  if (!state.session) return <Line> blue-green rollout of MLflow models on Azure ML</Line>;
  const traffic = opened?.snapshot.endpoint?.traffic ?? {};
  const { blue, green } = opened?.roles ?? {};
  const others = liveNames(traffic).filter((name) => name !== blue && name !== green);
  const greenState = opened?.snapshot.deployments.find((each) => each.name === green);
  const staged = stagedChange(state);
  const failed = greenState?.provisioningState === 'Failed';
  const frozen = others.reduce((sum, name) => sum + shareOf(traffic, name), 0);
  const stagedText =
    staged && blue && green
      ? `staged: ${shareOf(staged.to, blue)} / ${shareOf(staged.to, green)}`
      : 'staged: nothing';
  const liveTail = blue ? ` ${shareOf(traffic, blue)} %` : '';
  const freshTail = green ? ` ${failed ? 'FAILED' : `${shareOf(traffic, green)} %`}` : '';
  const othersText = others.length === 0 || !blue ? [] : [`others ${frozen} %`];
  // Nobody said yet which of several live ones is to be replaced.
  const unnamed = blue
    ? ''
    : others.map((name) => `${clean(name)} ${shareOf(traffic, name)} %`).join(', ');
  const names = [clean(blue ?? (unnamed || 'nothing yet')), clean(green ?? 'none yet')];
  const figures = [` LIVE ${liveTail}`, `NEW ${freshTail}`, ...othersText, stagedText];
  const room = width - figures.reduce((sum, each) => sum + stringWidth(each), 0);
  const wanted = names.reduce((sum, name) => sum + stringWidth(name), 0);
  const gap = ' '.repeat(room - wanted >= 4 * (figures.length - 1) ? 4 : 2);
  const [live = '', fresh = ''] = share(names, room - gap.length * (figures.length - 1));
  return (
    <Line>
      <As is="live">{` LIVE ${live}${liveTail}`}</As>
      {gap}
      <As is={green ? 'new' : 'muted'}>{`NEW ${fresh}${freshTail}`}</As>
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
