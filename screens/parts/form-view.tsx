/**
 * A form and its action row.
 *
 *       Name            default
 *       Instance type   < Standard_DS3_v2  4 cores, 14 GB >
 *     ❯ Create default, then set it to 100%
 */
import { Box, Text } from 'ink';
import { onActionRow, type Field, type Form } from '../../src/wizard/form.js';
import { useGlyphs, useSpoken } from '../../src/terminal/glyphs.js';
import { theme } from '../../src/terminal/theme.js';
import { useWizard } from './context.js';
import stringWidth from 'string-width';
import { cell, cut, wrapped } from './columns.js';
import { As, clean, Line } from './line.js';
import { TypedLine } from './typed.js';

const LABEL = 16;

function Value({ field, focused, cursor }: { field: Field; focused: boolean; cursor: number }) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  if (field.kind === 'choice') {
    const label =
      field.options?.find((option) => option.value === field.value)?.label ?? field.value;
    return (
      <Text>
        {focused ? <As is="focus">{`${glyphs.left} ${label} ${glyphs.right}`}</As> : clean(label)}
      </Text>
    );
  }
  // The end of a path tells more than its beginning.
  if (!focused) return <Text>{cut(clean(field.value), width - LABEL - 6, 'start')}</Text>;
  return <TypedLine value={field.value} cursor={cursor} room={width - LABEL - 6} />;
}

const shownValue = (field: Field): string =>
  clean(field.options?.find((option) => option.value === field.value)?.label ?? field.value);

/** Below this width a sentence takes the whole of it, so that it takes fewer rows. */
const NARROW = 72;

/** A hint that has no room beside its value is below it; only the focused field gets that row. */
function hintsOf(field: Field, focused: boolean, width: number) {
  const told = field.matches ?? field.hint;
  const hint = field.error ? undefined : focused || field.value === '' ? told : undefined;
  const fits = stringWidth(hint ?? '') + stringWidth(shownValue(field)) + LABEL + 10 <= width;
  const indent = width < NARROW ? 3 : LABEL + 3;
  return {
    beside: fits ? hint : undefined,
    below: hint && focused && !fits ? wrapped(hint, width - LABEL - 4) : [],
    wrong: field.error ? wrapped(clean(field.error), width - indent - 3) : [],
  };
}

/** Rows that `FormView` takes, with its action row. */
export const formRows = ({ fields, focus, hint }: Form, width: number): number =>
  fields.reduce((sum, field, at) => {
    const { below, wrong } = hintsOf(field, at === focus, width);
    return sum + 1 + below.length + wrong.length;
  }, 1) + (hint ? 1 : 0);

/** A field with its value; its hint or what is wrong with it may take rows below it. */
export function FieldRow({
  field,
  focused,
  cursor,
}: {
  field: Field;
  focused: boolean;
  cursor: number;
}) {
  const glyphs = useGlyphs();
  const { width } = useWizard();
  const { beside, below, wrong } = hintsOf(field, focused, width);
  const indent = width < NARROW ? 3 : LABEL + 3;
  return (
    <>
      <Line>
        {focused ? <As is="focus">{` ${glyphs.pointer} `}</As> : '   '}
        <Text {...(focused ? theme.focus : theme.muted)}>{cell(field.label, LABEL)}</Text>
        <Value field={field} focused={focused} cursor={cursor} />
        {beside ? (
          <As is="muted">{`${field.value === '' && !focused ? '' : '   '}${beside}`}</As>
        ) : null}
      </Line>
      {below.map((line) => (
        <Line key={line}>
          <As is="muted">{`${' '.repeat(LABEL + 3)}${line}`}</As>
        </Line>
      ))}
      {wrong.map((line, at) => (
        <Line key={`${at}${line}`}>
          <As is="fail">{`${' '.repeat(indent)}${at === 0 ? glyphs.fail : ' '} ${line}`}</As>
        </Line>
      ))}
    </>
  );
}

/** A form as it is told: which field of how many, its value, and what keys do to it. */
function SpokenForm({ form, action }: { form: Form; action: string }) {
  const glyphs = useGlyphs();
  const pointer = (focused: boolean): string => (focused ? `${glyphs.pointer} ` : '  ');
  return (
    <Box flexDirection="column">
      {form.fields.map((field, index) => {
        const focused = index === form.focus;
        const at = field.options?.findIndex(({ value }) => value === field.value) ?? -1;
        const choice = at < 0 ? '' : `, choice ${at + 1} of ${field.options?.length ?? 0}`;
        const hint = field.matches ?? field.hint;
        const told = field.error ? `, error: ${field.error}` : focused && hint ? `, ${hint}` : '';
        const place = `field ${index + 1} of ${form.fields.length}, ${field.label}`;
        return (
          <Line key={field.id}>
            {`${pointer(focused)}${place}: ${shownValue(field) || 'empty'}${choice}${told}`}
          </Line>
        );
      })}
      <Line>{`${pointer(onActionRow(form))}button: ${action}`}</Line>
      {form.hint ? <Line>{`   ${form.hint}`}</Line> : null}
    </Box>
  );
}

export function FormView(props: { form: Form; action: string }) {
  return useSpoken() ? <SpokenForm {...props} /> : <DrawnForm {...props} />;
}

function DrawnForm({ form, action }: { form: Form; action: string }) {
  const glyphs = useGlyphs();
  const ready = onActionRow(form);
  return (
    <Box flexDirection="column">
      {form.fields.map((field, index) => (
        <FieldRow
          key={field.id}
          field={field}
          focused={index === form.focus}
          cursor={Math.min(form.cursor, field.value.length)}
        />
      ))}
      <Line>
        {ready ? <As is="focus">{` ${glyphs.pointer} ${action}`}</As> : `   ${clean(action)}`}
      </Line>
      {form.hint ? (
        <Line>
          <As is="warning">{`   ${form.hint}`}</As>
        </Line>
      ) : null}
    </Box>
  );
}
