/** The keys of this screen, generated from its bindings; a notice is above them. */
import { Box, Text } from 'ink';
import stringWidth from 'string-width';
import { useGlyphs, useSpoken, type Glyphs } from '../../src/terminal/glyphs.js';
import { KEYS } from '../../src/terminal/spoken-lines.js';
import { theme, type Tone } from '../../src/terminal/theme.js';
import type { Binding } from '../../src/wizard/keys.js';
import type { Notice, State } from '../../src/wizard/state.js';
import { useWizard } from './context.js';
import { As, clean, inSigns, Line } from './line.js';
import { wrapped } from './columns.js';

/** A key as it is printed: `⏎`, `←→`, `⇧←→`, `A`. */
export function keyLabel(keys: readonly string[], glyphs: Glyphs): string {
  const all = keys.join(' ');
  if (all.startsWith('left right')) return glyphs.leftRight;
  if (all.startsWith('shift+left')) return `${glyphs.shift}${glyphs.leftRight}`;
  if (all.startsWith('up down') || all.startsWith('down j') || all.startsWith('up k')) {
    return glyphs.upDown;
  }
  if (all.startsWith('0 1 2')) return '0-9';
  const names: Record<string, string> = {
    enter: glyphs.enter,
    esc: 'Esc',
    'ctrl+c': 'Ctrl-C',
    tab: 'Tab',
    right: glyphs.right,
    left: glyphs.left,
    pagedown: 'PgDn',
    pageup: 'PgUp',
    up: glyphs.up,
    down: glyphs.down,
  };
  const [first = ''] = keys;
  return names[first] ?? first;
}

const NOTICE: Record<Notice['level'], Tone> = {
  info: 'info',
  good: 'pass',
  warning: 'warning',
  error: 'fail',
};

const GAP = 2;

const textOf = (binding: Binding, glyphs: Glyphs): string =>
  `${keyLabel(binding.keys, glyphs)} ${inSigns(binding.label, glyphs)}`.trim();

/** The lower, the longer a key stays where there is little room. */
function rank(binding: Binding, step: boolean): number {
  if (binding.keys.includes('enter') || binding.keys.includes('?')) return 0;
  if (binding.keys.includes('A')) return 1;
  // Those that can't act now say why in the help, so they go first.
  if (binding.disabledBecause) return 5;
  if (step) return 2;
  return binding.keys.includes('u') ? 3 : 4;
}

/**
 * As many keys as fit, in the screen's own order; abort and help stand last. Enter, abort and help
 * are never left out: they are the way on, the way out, and the way out of not knowing.
 */
export function fitting(bindings: readonly Binding[], glyphs: Glyphs, width: number): Binding[] {
  const wanted = bindings.filter((binding) => !binding.helpOnly);
  const kept = chosen(wanted, glyphs, width);
  // Help explains itself by its sign alone where its word would push another key out.
  const short = wanted.map((each) => (each.keys.includes('?') ? { ...each, label: '' } : each));
  return kept.length === wanted.length ? kept : chosen(short, glyphs, width);
}

function chosen(shown: readonly Binding[], glyphs: Glyphs, width: number): Binding[] {
  const firstGlobal = shown.findIndex((binding) => binding.keys[0] === 'esc');
  const ranked = shown
    .map((binding, at) => ({
      binding,
      at,
      rank: rank(binding, firstGlobal < 0 || at < firstGlobal),
    }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at);
  let room = width - 1;
  const kept = new Set<Binding>();
  for (const { binding } of ranked) {
    const size = stringWidth(textOf(binding, glyphs)) + GAP;
    if (kept.size > 0 && size > room) continue;
    room -= size;
    kept.add(binding);
  }
  const last = (binding: Binding): number =>
    binding.keys.includes('?') ? 2 : binding.keys.includes('A') ? 1 : 0;
  return shown.filter((binding) => kept.has(binding)).sort((a, b) => last(a) - last(b));
}

/** A notice takes two rows at most. */
export const noticeLines = ({ notice }: State, width: number): string[] =>
  notice ? wrapped(clean(notice.text), width - 2).slice(0, 2) : [];

export function Footer() {
  const { state, looks, width } = useWizard();
  const glyphs = useGlyphs();
  const active = looks.bindings(state);
  const bindings = fitting(active, glyphs, width);
  const { notice } = state;
  const spoken = useSpoken();
  if (spoken) {
    const keys = active.filter(({ helpOnly, disabledBecause }) => !helpOnly && !disabledBecause);
    return (
      <Box flexDirection="column">
        {notice ? <Line>{` ${notice.text}`}</Line> : null}
        <Line>{` ${KEYS}${keys.map((binding) => textOf(binding, glyphs)).join(', ')}`}</Line>
      </Box>
    );
  }
  return (
    <Box flexDirection="column" flexShrink={0}>
      {notice
        ? noticeLines(state, width).map((text) => (
            <Line key={text}>
              <As is={NOTICE[notice.level]}>{` ${text}`}</As>
            </Line>
          ))
        : null}
      <Line>
        <As is="muted">{glyphs.line.repeat(width)}</As>
      </Line>
      <Line>
        {' '}
        {bindings.map((binding) => (
          <Text key={binding.keys.join()} {...(binding.disabledBecause ? theme.keyDisabled : {})}>
            <Text {...(binding.disabledBecause ? {} : theme.key)}>
              {keyLabel(binding.keys, glyphs)}
            </Text>
            {`${binding.label && ' '}${inSigns(binding.label, glyphs)}${' '.repeat(GAP)}`}
          </Text>
        ))}
      </Line>
    </Box>
  );
}
