/** Text being typed, with its cursor always visible: the part of a long one that is around it. */
import { Text } from 'ink';
import stringWidth from 'string-width';
import { useSpoken } from '../../src/terminal/glyphs.js';
import { theme } from '../../src/terminal/theme.js';
import { clean } from './line.js';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** `room`: columns, of which the cursor takes one at the end of the text. */
export function TypedLine({
  value,
  cursor,
  room,
}: {
  value: string;
  cursor: number;
  room: number;
}) {
  const spoken = useSpoken();
  if (spoken) return <Text>{clean(value)}</Text>;
  const before = [...graphemes.segment(clean(value.slice(0, cursor)))].map((each) => each.segment);
  const [under = ' ', ...behind] = [...graphemes.segment(clean(value.slice(cursor)))].map(
    (each) => each.segment,
  );
  let left = '';
  let right = '';
  let width = stringWidth(under);
  // Half of what is shown is before the cursor, more where nothing follows it.
  const half = Math.max(1, Math.floor(room / 2), room - 1 - stringWidth(behind.join('')));
  for (const each of before.toReversed()) {
    if (width + stringWidth(each) > half) break;
    left = each + left;
    width += stringWidth(each);
  }
  for (const each of behind) {
    if (width + stringWidth(each) > room) break;
    right += each;
    width += stringWidth(each);
  }
  return (
    <Text>
      <Text {...theme.focus}>{left}</Text>
      {/* Without colours the sign alone shows where it is. */}
      <Text inverse>{under === ' ' ? '_' : under}</Text>
      <Text {...theme.focus}>{right}</Text>
    </Text>
  );
}
