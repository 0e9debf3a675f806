/**
 * The plan, a row for each thing one can say; scrolled to the cursor where not all fit.
 *
 *      PLAN                                              rows 1 to 12 of 27
 *     ❯ Steps           10 30 50 80 100_  green's traffic weights in percent, up to 100
 *       Hold at each    5 min
 */
import { Box } from 'ink';
import type { Field } from '../../src/wizard/form.js';
import type { Overlay } from '../../src/wizard/overlays.js';
import { probesLeft } from '../../src/rollout/moves/verify-split.js';
import { planOf } from '../../src/wizard/plan.js';
import { cell } from './columns.js';
import { useWizard } from './context.js';
import { FieldRow } from './form-view.js';
import { As, Line } from './line.js';

/** Below the cursor's row its hint, or what is wrong with it, takes up to this many. */
const BELOW = 2;

/** An exception that is none says so; how to type one is said under the cursor. */
const shownField = (field: Field, focused: boolean): Field =>
  field.id.startsWith('at:') && !focused ? { ...field, hint: 'as above' } : field;

/** Below this width only the rows' place is told. */
const NARROW = 72;

export function PlanEditor({ overlay }: { overlay: Extract<Overlay, { kind: 'plan' }> }) {
  const { state, width, height } = useWizard();
  const { fields, focus, cursor } = overlay.form;
  const room = Math.max(3, height - 1 - BELOW);
  const most = Math.max(0, fields.length - room);
  const from = Math.min(most, Math.max(0, focus - Math.floor(room / 2)));
  const shown = fields.slice(from, from + room);
  const wrong = fields.filter(({ error }) => error !== undefined).length;
  const opened = state.session?.opened;
  const left = opened ? probesLeft(planOf(state), opened.journal) : 0;
  const sent = state.session?.opened?.journal.probesSent ?? 0;
  const place =
    wrong > 1
      ? `${wrong} rows have errors`
      : most > 0
        ? `rows ${from + 1} to ${from + shown.length} of ${fields.length}`
        : '';
  const title = overlay.file ? `Plan from ${overlay.file.name}` : 'PLAN';
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading">{` ${cell(title, 26)}`}</As>
        {width < NARROW ? (
          ' '
        ) : (
          <As is="muted">{` ${cell(`${sent} probes sent, ${left} left`, width - 50)}`}</As>
        )}
        <As is={wrong > 1 ? 'fail' : 'muted'}>{` ${cell(place, 20, 'right')}`}</As>
      </Line>
      {shown.map((field, index) => (
        <FieldRow
          key={field.id}
          field={shownField(field, from + index === focus)}
          focused={from + index === focus}
          cursor={Math.min(cursor, field.value.length)}
        />
      ))}
    </Box>
  );
}
