/** What lies on top of a step: help, code, logs, confirmations, differing rows. */
import { Box, Text } from 'ink';
import stringWidth from 'string-width';
import { activeBindings } from '../src/wizard/reducer.js';
import { LANGUAGE_TITLES } from '../src/wizard/code-preview.js';
import { movedFromStart } from '../src/wizard/navigation.js';
import { mostToType } from '../src/wizard/overlay-keys.js';
import type { Overlay } from '../src/wizard/overlays.js';
import { planOf } from '../src/wizard/plan.js';
import type { State } from '../src/wizard/state.js';
import { reactionsOf } from '../src/rollout/plan/proof.js';
import { formatSplit } from '../src/common/split.js';
import { useGlyphs } from '../src/terminal/glyphs.js';
import { theme } from '../src/terminal/theme.js';
import { cell, wrapped } from './parts/columns.js';
import { DifferingRows } from './parts/differing-rows.js';
import { useWizard } from './parts/context.js';
import { keyLabel } from './parts/footer.js';
import { As, clean, Line } from './parts/line.js';
import { PlanEditor } from './parts/plan-editor.js';
import { Scrolled } from './parts/scrolled.js';
import { Select } from './parts/select.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { TypedLine } from './parts/typed.js';
import { codeLines } from './parts/with-command.js';

function Title({ children }: { children: string }) {
  return (
    <>
      <Line>
        <As is="heading">{` ${children}`}</As>
      </Line>
      <Line />
    </>
  );
}

function Sentences({ lines }: { lines: readonly string[] }) {
  return lines.map((line) => <Sentence key={line}>{line}</Sentence>);
}

const KEY = 10;
const LABEL = 20;

function Help() {
  const { state, width, height } = useWizard();
  const glyphs = useGlyphs();
  const below: State = { ...state, overlays: [] };
  const lines = activeBindings(below).flatMap((binding) => {
    const key = cell(keyLabel(binding.keys, glyphs), KEY);
    if (!binding.disabledBecause) return [`${key} ${binding.label}`];
    // Why a key can't act is the reason to open the help, so none of it is cut.
    const reason = wrapped(binding.disabledBecause, width - KEY - LABEL - 4);
    return reason.map((line, at) =>
      at === 0
        ? `${key} ${cell(binding.label, LABEL)} ${line}`
        : `${' '.repeat(KEY + LABEL + 1)} ${line}`,
    );
  });
  return (
    <Box flexDirection="column">
      <Title>Keys on this screen</Title>
      <Scrolled
        rows={height - 2}
        lines={[
          ...lines,
          `${cell('Ctrl-C', 10)} stop: a menu first where a rollout is under way`,
          '',
          'Blue served users at the start; green is the new deployment.',
          'Opening and reading never change anything.',
        ]}
      />
    </Box>
  );
}

const WHEN = { 'to send': 'Enter would send:', sending: 'under way:', sent: 'sent last:' } as const;

function Code({ overlay }: { overlay: Extract<Overlay, { kind: 'command' }> }) {
  const { state, width, height } = useWizard();
  return (
    <Box flexDirection="column">
      <Line>
        {' '}
        {LANGUAGE_TITLES.map(({ id, title }) => (
          <Text key={id} {...(id === overlay.language ? theme.focus : theme.muted)}>
            {id === overlay.language ? `[${title}]  ` : `${title}  `}
          </Text>
        ))}
      </Line>
      <Line>
        <As is="muted">{` ${WHEN[overlay.when]}`}</As>
      </Line>
      <Scrolled
        key={overlay.language}
        rows={height - 2}
        lines={codeLines(state, overlay, width - 2)}
      />
    </Box>
  );
}

function Logs({ overlay }: { overlay: Extract<Overlay, { kind: 'logs' }> }) {
  const { width, height } = useWizard();
  const lines = overlay.text
    ?.trimEnd()
    .split('\n')
    .flatMap((line) => wrapped(clean(line), width - 2));
  return (
    <Box flexDirection="column">
      <Title>{`Log of ${overlay.deployment}, ${overlay.container}`}</Title>
      {lines ? (
        <Scrolled key={overlay.container} fromEnd rows={height - 2} lines={lines} />
      ) : (
        <Line> Reading</Line>
      )}
    </Box>
  );
}

function Typed({
  title,
  lines,
  ask,
  overlay: { typed, cursor = typed.length, error },
}: {
  title: string;
  lines: readonly string[];
  ask: string;
  overlay: Pick<Extract<Overlay, { kind: 'reason' }>, 'typed' | 'cursor' | 'error'>;
}) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const asked = ` ${clean(ask)} `;
  return (
    <Box flexDirection="column">
      <Title>{title}</Title>
      <Sentences lines={lines} />
      <Line />
      <Line>
        {asked}
        <TypedLine value={typed} cursor={cursor} room={width - stringWidth(asked) - 1} />
      </Line>
      {error === undefined
        ? null
        : wrapped(clean(error), width - 4).map((line, at) => (
            <Line key={line}>
              <As is="fail">{` ${at === 0 ? glyphs.fail : ' '} ${line}`}</As>
            </Line>
          ))}
    </Box>
  );
}

function Menu({
  list,
  title,
  lines,
  items,
}: {
  list: string;
  title: string;
  lines: readonly string[];
  items: readonly { value: string; label: string }[];
}) {
  const { width, height } = useWizard();
  const sentences = lines.flatMap((line) => sentenceLines(line, width));
  return (
    <Box flexDirection="column">
      <Title>{title}</Title>
      <Sentences lines={lines} />
      <Line />
      <Select list={list} items={items} rows={Math.max(3, height - 3 - sentences.length)} />
    </Box>
  );
}

const goingBack = (state: State): string[] =>
  reactionsOf(planOf(state)).onFail === 'rollback' ? ['Automatic rollback stops too.'] : [];

function leavingLines(state: State): string[] {
  const opened = state.session?.opened;
  const traffic = formatSplit(opened?.snapshot.endpoint?.traffic ?? {});
  return [
    `Live now: ${traffic}.`,
    ...(opened && movedFromStart(opened)
      ? ['Nothing watches green after this program stops.', ...goingBack(state)]
      : ['You can leave and resume later.']),
  ];
}

export function OverlayView({ overlay }: { overlay: Overlay }) {
  const { state } = useWizard();
  switch (overlay.kind) {
    case 'help':
      return <Help />;
    case 'command':
      return <Code overlay={overlay} />;
    case 'logs':
      return <Logs overlay={overlay} />;
    case 'rows':
      return <DifferingRows {...overlay} />;
    case 'type-name':
      return (
        <Typed
          title={overlay.title}
          lines={overlay.lines}
          ask={`Type ${overlay.name} to confirm:`}
          overlay={overlay}
        />
      );
    case 'number':
      return (
        <Typed
          title={overlay.of === 'share' ? "Green's traffic weight" : 'Mirrored traffic'}
          lines={[
            overlay.of === 'share'
              ? 'Staged first; Enter on the traffic screen sends it.'
              : 'Green gets a copy of this percentage of live requests; its answers are discarded.',
          ]}
          ask={`Percent, 0 to ${mostToType(state, overlay.of)}:`}
          overlay={overlay}
        />
      );
    case 'reason':
      return <Typed title={overlay.title} lines={overlay.lines} ask="Reason:" overlay={overlay} />;
    case 'plan':
      return <PlanEditor overlay={overlay} />;
    case 'confirm':
      return (
        <Menu list="confirm" title={overlay.title} lines={overlay.lines} items={overlay.choices} />
      );
    case 'drift':
      return (
        <Menu
          list="drift"
          title="Someone else changed the endpoint"
          lines={[overlay.sentence, 'Nothing is sent until you decide.']}
          items={overlay.choices}
        />
      );
    case 'stop':
      return (
        <Menu
          list="stop"
          title="Stop"
          lines={[
            ...leavingLines(state),
            'Press Ctrl-C again to leave, within 2 seconds. Traffic does not change.',
          ]}
          items={[
            ...(state.session?.opened && movedFromStart(state.session.opened)
              ? [{ value: 'back-to-blue', label: 'Roll back     restore the split at the start' }]
              : []),
            { value: 'leave', label: 'Leave         as it is' },
            { value: 'stay', label: 'Stay' },
          ]}
        />
      );
    case 'leave':
      return (
        <Menu
          list="leave"
          title="Leave while green has traffic?"
          lines={leavingLines(state)}
          items={[
            { value: 'stay', label: 'Stay' },
            { value: 'back-to-blue', label: 'Back to blue  restore the split at the start' },
            { value: 'leave', label: 'Leave         it stays as it is' },
          ]}
        />
      );
    case 'message':
      return (
        <Menu
          list="message"
          title={overlay.title}
          lines={overlay.lines}
          items={[{ value: 'close', label: 'Close' }]}
        />
      );
  }
}
