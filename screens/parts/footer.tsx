/** The keys of this screen, generated from its bindings; a notice stands above them. */
import { Box, Text } from 'ink';
import stringWidth from 'string-width';
import { useGlyphs, type Glyphs } from '../../src/terminal/glyphs.js';
import { theme, type Meaning } from '../../src/terminal/theme.js';
import type { Binding } from '../../src/wizard/keys.js';
import { activeBindings } from '../../src/wizard/reducer.js';
import type { Notice } from '../../src/wizard/state.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';
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

const NOTICE: Record<Notice['level'], Meaning> = {
  info: 'info',
  good: 'pass',
  warning: 'warning',
  error: 'fail',
};

/** As many keys as fit; Enter first, help last, so that the way out of not knowing always shows. */
function fitting(bindings: readonly Binding[], glyphs: Glyphs, width: number): Binding[] {
  const shown = bindings.filter((binding) => !binding.helpOnly);
  const help = shown.filter((binding) => binding.keys.includes('?'));
  const rest = shown.filter((binding) => !binding.keys.includes('?'));
  const enter = rest.filter((binding) => binding.keys.includes('enter'));
  const ordered = [...enter, ...rest.filter((binding) => !enter.includes(binding))];
  const size = (binding: Binding): number =>
    stringWidth(`${keyLabel(binding.keys, glyphs)} ${binding.label}`) + 3;
  let room = width - 1 - help.reduce((sum, binding) => sum + size(binding), 0);
  const out: Binding[] = [];
  for (const binding of ordered) {
    if (size(binding) > room) continue;
    room -= size(binding);
    out.push(binding);
  }
  return [...out, ...help];
}

export function Footer() {
  const { state, width } = useWizard();
  const glyphs = useGlyphs();
  const bindings = fitting(activeBindings(state), glyphs, width);
  const { notice } = state;
  return (
    <Box flexDirection="column" flexShrink={0}>
      {notice
        ? wrapped(clean(notice.text), width - 2)
            .slice(0, 2)
            .map((text) => (
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
            {` ${binding.label}   `}
          </Text>
        ))}
      </Line>
    </Box>
  );
}
