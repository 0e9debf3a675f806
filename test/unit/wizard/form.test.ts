import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fieldNumber,
  fieldValue,
  formKey,
  isTyping,
  makeForm,
  onActionRow,
  setField,
  withCompleted,
  type Field,
  type Form,
} from '../../../src/wizard/form.js';

const FIELDS: Field[] = [
  { id: 'name', label: 'Name', kind: 'text', value: 'heart' },
  {
    id: 'mode',
    label: 'Mode',
    kind: 'choice',
    value: 'b',
    options: ['a', 'b', 'c'].map((value) => ({ value, label: value.toUpperCase() })),
  },
  { id: 'count', label: 'Count', kind: 'number', value: '1' },
];

/** The form after some keys; printable ones by their own text. */
function press(form: Form, ...keys: string[]): { form: Form; submitted: boolean } {
  let submitted = false;
  let now = form;
  for (const key of keys) {
    const named =
      /^(up|down|left|right|home|end|enter|tab|shift\+tab|backspace|esc|ctrl\+[a-z])$/.test(key);
    const outcome = formKey(now, named ? { name: key } : { name: key, text: key }, 'Create it');
    submitted = outcome?.submitted === true;
    now = outcome?.form ?? now;
  }
  return { form: now, submitted };
}

describe('where the cursor starts', () => {
  test('on the sandbox on the action row, so that Enter alone goes on', () => {
    const form = makeForm(FIELDS, false);
    expect(onActionRow(form)).toBe(true);
    expect(press(form, 'enter').submitted).toBe(true);
  });

  test('on Azure on the first field, and Enter alone never submits', () => {
    const form = makeForm(FIELDS, true);
    expect(form.focus).toBe(0);
    const { form: after, submitted } = press(form, 'enter', 'enter', 'enter', 'enter', 'enter');
    expect(submitted).toBe(false);
    expect(onActionRow(after)).toBe(false);
    expect(after.hint).toBe('Press ↓ to reach "Create it", then Enter.');
  });

  test('moving to the action row arms it', () => {
    expect(press(makeForm(FIELDS, true), 'down', 'down', 'down', 'enter').submitted).toBe(true);
  });
});

test('rows are walked in a circle, both ways', () => {
  const form = makeForm(FIELDS, true);
  expect(press(form, 'up').form.focus).toBe(3);
  expect(press(form, 'tab', 'tab', 'tab', 'tab').form.focus).toBe(0);
  expect(press(form, 'shift+tab').form.focus).toBe(3);
});

test('text is edited at its cursor', () => {
  const form = makeForm(FIELDS, true);
  expect(fieldValue(press(form, '-x').form, 'name')).toBe('heart-x');
  expect(fieldValue(press(form, 'left', 'left', 'o').form, 'name')).toBe('heaort');
  expect(fieldValue(press(form, 'home', 'A').form, 'name')).toBe('Aheart');
  expect(fieldValue(press(form, 'backspace').form, 'name')).toBe('hear');
  expect(fieldValue(press(form, 'home', 'backspace').form, 'name')).toBe('heart');
  expect(fieldValue(press(form, 'left', 'ctrl+u').form, 'name')).toBe('t');
});

test('a number field keeps what was typed, so that it can be refused and not misread', () => {
  const form = press(makeForm(FIELDS, true), 'down', 'down').form;
  expect(fieldValue(press(form, 'home', '-').form, 'count')).toBe('-1');
  expect(fieldNumber(press(form, 'home', '-').form, 'count')).toBeNaN();
  expect(fieldNumber(press(form, 'e', '1').form, 'count')).toBeNaN();
  expect(fieldNumber(press(form, '.', '5').form, 'count')).toBeNaN();
  expect(fieldNumber(press(form, '2').form, 'count')).toBe(12);
  expect(fieldNumber(press(form, 'backspace').form, 'count', 7)).toBe(7);
});

describe('Tab in a field of a path', () => {
  const PATH: Field[] = [{ id: 'place', label: 'Folder', kind: 'text', value: '', path: true }];
  const form = press(makeForm([...PATH, ...FIELDS], true), 'sam').form;
  const answer = (value: string, names: string[]) => ({
    field: 'place',
    typed: 'sam',
    value,
    names,
  });

  test('asks for the path, and goes to the next field where nothing was typed', () => {
    expect(formKey(form, { name: 'tab' }, 'Go')?.complete?.value).toBe('sam');
    expect(press(makeForm([...PATH, ...FIELDS], true), 'tab').form.focus).toBe(1);
  });

  test('takes what all that match begin with, then lists them, then goes on', () => {
    const completed = withCompleted(form, answer('samples/', ['samples/']));
    expect(fieldValue(completed, 'place')).toBe('samples/');
    expect(completed.cursor).toBe('samples/'.length);
    const several = withCompleted(form, answer('sam', ['sam1', 'sam2']));
    expect(several.fields[0]?.matches).toBe('sam1  sam2');
    expect(press(several, 'x').form.fields[0]?.matches).toBeUndefined();
    expect(withCompleted(form, answer('sam', ['sam'])).focus).toBe(1);
    // Listed once, the next Tab goes on; so does the first for a folder that is there in full.
    expect(withCompleted(several, answer('sam', ['sam1', 'sam2'])).focus).toBe(1);
    const folder = withCompleted(form, answer('sam/', ['sam/']));
    expect([folder.focus, fieldValue(folder, 'place')]).toEqual([1, 'sam']);
  });

  test('an answer for text that was typed on is dropped', () => {
    const typedOn = press(form, 'x').form;
    expect(withCompleted(typedOn, answer('samples/', ['samples/']))).toBe(typedOn);
  });
});

test('a choice steps through its options and takes no text', () => {
  const form = press(makeForm(FIELDS, true), 'down').form;
  expect(fieldValue(press(form, 'right').form, 'mode')).toBe('c');
  expect(fieldValue(press(form, 'right', 'right').form, 'mode')).toBe('a');
  expect(fieldValue(press(form, 'left', 'left').form, 'mode')).toBe('c');
  expect(formKey(form, { name: 'm', text: 'm' }, 'Create it')).toBeUndefined();
});

test('letters are text only where a text field has the cursor', () => {
  const form = makeForm(FIELDS, true);
  expect(isTyping(form)).toBe(true);
  expect(isTyping(press(form, 'down').form)).toBe(false);
  expect(isTyping(press(form, 'up').form)).toBe(false);
  expect(isTyping(undefined)).toBe(false);
});

test('Esc and unknown keys are left to the step', () => {
  const form = makeForm(FIELDS, true);
  expect(formKey(form, { name: 'esc' }, 'Create it')).toBeUndefined();
  expect(formKey(form, { name: 'pageup' }, 'Create it')).toBeUndefined();
});

test('an error goes away once its field is edited, a hint once the cursor moves', () => {
  const wrong = setField(makeForm(FIELDS, true), 'name', { error: 'taken' });
  expect(press(wrong, 'x').form.fields[0]?.error).toBeUndefined();
  expect(press(wrong, 'down').form.fields[0]?.error).toBe('taken');
  const hinted = press(makeForm(FIELDS, true), 'enter', 'enter', 'enter').form;
  expect(press(hinted, 'up').form.hint).toBeUndefined();
});

test('Enter and text never submit a guarded form, whatever is typed and stepped through', () => {
  const keys = fc.constantFrom('enter', 'left', 'right', 'home', 'end', 'backspace', 'x', '7');
  fc.assert(
    fc.property(fc.array(keys, { size: 'max', maxLength: 40 }), (pressed) => {
      let form = makeForm(FIELDS, true);
      for (const key of pressed) {
        const outcome = press(form, key);
        expect(outcome.submitted).toBe(false);
        form = outcome.form;
        expect(form.cursor).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
