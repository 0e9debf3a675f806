/**
 * Always on screen: which workspace and endpoint, which step of how many, what is live, what is
 * staged and not applied.
 *
 *      aml-rollout  PROD  ml-prod ▸ heart-prod        5 of 8 prove         02:31
 *      BLUE default 100%      GREEN xgboost-model-8 0%      staged: nothing
 */
import { Box, Text } from 'ink';
import stringWidth from 'string-width';
import { useGlyphs, useSpoken } from '../../src/terminal/glyphs.js';
import { hyperlink } from '../../src/terminal/hyperlink.js';
import { theme } from '../../src/terminal/theme.js';
import { activeStep } from '../../src/wizard/navigation.js';
import { shownOpened } from '../../src/wizard/shown-opened.js';
import type { State } from '../../src/wizard/state.js';
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

function counter(state: State, title: string): string {
  const at = state.shown.indexOf(activeStep(state)) + 1;
  return `${at} of ${state.shown.length} ${title}`;
}

function TopLine() {
  const { state, looks, width } = useWizard();
  const glyphs = useGlyphs();
  // A clock would be told every second.
  const spoken = useSpoken();
  const prod = state.session?.profile.prod ?? false;
  const right = state.session
    ? `${counter(state, looks.title(state))}   ${spoken ? '' : `${clock(state.now - state.startedAt)} `}`
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

export function Header() {
  const { state, looks, width } = useWizard();
  const glyphs = useGlyphs();
  const { LiveLine } = looks;
  return (
    <Box flexDirection="column" flexShrink={0}>
      <TopLine />
      {state.session && LiveLine ? (
        <LiveLine />
      ) : (
        <Line> blue-green rollout of MLflow models on Azure ML</Line>
      )}
      <Line>
        <As is="muted">{glyphs.line.repeat(width)}</As>
      </Line>
    </Box>
  );
}
