/** The rows that test and prove ask for, as typed. */
import { expect, test } from 'vitest';
import { setField } from '../../../src/wizard/form.js';
import { activeStep } from '../../../src/wizard/navigation.js';
import { activeBindings } from '../../../src/wizard/reducer.js';
import { stepModule } from '../../../src/wizard/steps/index.js';
import { proveStep } from '../../../src/wizard/steps/prove.js';
import { moments, onScreen } from '../../support/wizard-states.js';

test('a rename that is no rename is told, and no row is sent', () => {
  const state = moments()['prove']!;
  const { form } = state.screens.prove!;
  const typed = setField(form!, 'renames', { value: 'age=alter years' });
  const { state: after, commands } = proveStep.submit!(onScreen(state, 'prove', { form: typed }));
  expect(commands).toEqual([]);
  const field = after.screens.prove?.form?.fields.find(({ id }) => id === 'renames');
  expect(field?.error).toBe('"years" is not model=csv.');
});

test.each(['prove', 'endpoint form', 'green'])(
  'in a text field of %s no letter is a key',
  (name) => {
    const state = moments()[name]!;
    const step = stepModule(activeStep(state));
    const shown = step.form!(state)!;
    const typing = step.setForm!(state, { ...shown.form, focus: 0 }).state;
    const first = activeBindings(typing).map(({ keys }) => keys[0]);
    expect(first).toContain('enter');
    expect(first.filter((key) => key!.length === 1 || key === 'left')).toEqual([]);
  },
);
