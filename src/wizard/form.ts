/** A form of a few fields and one action row below them, as pure data. */
import type { CompletedPath } from './effects/complete-path.js';
import type { KeyPress } from './keys.js';
import { editText, typedNumber } from './typed-text.js';

export interface Field {
  id: string;
  label: string;
  /** `mode`: a choice as the first word, and text behind it. */
  kind: 'text' | 'number' | 'choice' | 'mode';
  value: string;
  /** For `choice` and `mode`: what ← and → step through. */
  options?: readonly { value: string; label: string }[];
  hint?: string;
  error?: string;
  /** A file or folder of this machine: Tab completes it. */
  path?: true;
  /** What Tab found that matches, until the field is changed. */
  matches?: string;
}

export interface Form {
  fields: readonly Field[];
  /** Index of the focused field; `fields.length` is the action row. */
  focus: number;
  /** Characters before the cursor in the focused text field. */
  cursor: number;
  /**
   * On Azure, Enter alone never reaches the action row: it is armed only when a person moved to it.
   */
  guarded: boolean;
  /** The last key could not do what it usually does; the sentence says what to press. */
  hint?: string;
}

/** On the sandbox the action row has the cursor, on Azure the first field has it. */
export function makeForm(fields: readonly Field[], guarded: boolean): Form {
  const focus = guarded && fields.length > 0 ? 0 : fields.length;
  return { fields, focus, cursor: fields[focus]?.value.length ?? 0, guarded };
}

export function fieldValue(form: Form, id: string): string {
  return form.fields.find((field) => field.id === id)?.value.trim() ?? '';
}

/** `NaN` where no whole number was typed; an empty field is `otherwise`. */
export function fieldNumber(form: Form, id: string, otherwise = Number.NaN): number {
  const value = fieldValue(form, id);
  return value === '' ? otherwise : typedNumber(value);
}

export function setField(form: Form, id: string, change: Partial<Field>): Form {
  return {
    ...form,
    fields: form.fields.map((field) => (field.id === id ? { ...field, ...change } : field)),
  };
}

/** Marks a field as wrong and puts the cursor there. */
export function flagged(form: Form, field: string, error: string): Form {
  const focus = form.fields.findIndex((each) => each.id === field);
  const marked = setField(form, field, { error });
  return { ...marked, focus, cursor: marked.fields[focus]?.value.length ?? 0 };
}

export const onActionRow = (form: Form): boolean => form.focus >= form.fields.length;

/** A text field has the cursor, so letters are text and not commands. */
export function isTyping(form: Form | undefined): boolean {
  const field = form?.fields[form.focus];
  return field !== undefined && field.kind !== 'choice';
}

function focusOn(form: Form, focus: number): Form {
  const rows = form.fields.length + 1;
  const next = (focus + rows) % rows;
  const { hint: _, ...rest } = form;
  return { ...rest, focus: next, cursor: form.fields[next]?.value.length ?? 0 };
}

function edited(form: Form, field: Field, value: string, cursor: number): Form {
  const { error: _, matches: ___, ...clean } = field;
  const fields = form.fields.map((each) => (each === field ? { ...clean, value } : each));
  const { hint: __, ...rest } = form;
  return { ...rest, fields, cursor };
}

function typed(form: Form, field: Field, key: KeyPress): Form | undefined {
  const { value } = field;
  const now = editText({ value, cursor: form.cursor }, key);
  if (!now) return undefined;
  return now.value === value
    ? { ...form, cursor: now.cursor }
    : edited(form, field, now.value, now.cursor);
}

function stepped(form: Form, field: Field, direction: 1 | -1): Form {
  const options = field.options ?? [];
  if (options.length === 0) return form;
  const [word = '', behind = ''] = /^(\S*)(.*)$/s.exec(field.value)?.slice(1) ?? [];
  const chosen = field.kind === 'mode' ? word : field.value;
  const at = options.findIndex((option) => option.value === chosen);
  const next = options[(at + direction + options.length) % options.length];
  if (!next) return form;
  const value = field.kind === 'mode' ? next.value + behind : next.value;
  return edited(form, field, value, field.kind === 'mode' ? value.length : form.cursor);
}

/** `complete`: the field whose path Tab is to complete. */
export const completion = ({ id, value }: Field) =>
  ({ do: 'completePath', field: id, typed: value }) as const;

/** What Tab made of a path. Where nothing is left to complete, it goes to the next field. */
export function withCompleted(
  form: Form,
  { field: id, typed: before, value, names }: CompletedPath,
): Form {
  const field = form.fields[form.focus];
  if (field?.id !== id || field.value !== before) return form;
  // A folder that is there in full needs no slash, and what was listed is not listed twice.
  const nothingNew = value === before || value === `${before}/`;
  if (nothingNew && (names.length <= 1 || field.matches !== undefined)) {
    return focusOn(form, form.focus + 1);
  }
  const now = edited(form, field, value, value.length);
  return value === before ? setField(now, id, { matches: names.join('  ') }) : now;
}

type FormOutcome = { form: Form; submitted?: true; complete?: Field } | undefined;

/** What a key does to the form; `undefined` when the form has no use for it. */
export function formKey(form: Form, key: KeyPress, action: string): FormOutcome {
  const field = form.fields[form.focus];
  if (key.name === 'tab' && field?.path && field.value.trim() !== '') {
    return { form, complete: field };
  }
  switch (key.name) {
    case 'up':
    case 'shift+tab':
      return { form: focusOn(form, form.focus - 1) };
    case 'down':
    case 'tab':
      return { form: focusOn(form, form.focus + 1) };
    case 'enter': {
      if (!field) return { form, submitted: true };
      const last = form.focus === form.fields.length - 1;
      if (last && form.guarded) {
        return { form: { ...form, hint: `Press ↓ to reach "${action}", then Enter.` } };
      }
      return { form: focusOn(form, form.focus + 1) };
    }
  }
  if (!field) return undefined;
  if (field.kind === 'choice' || field.kind === 'mode') {
    if (key.name === 'left' || key.name === 'right') {
      return { form: stepped(form, field, key.name === 'right' ? 1 : -1) };
    }
    if (field.kind === 'choice') return undefined;
  }
  const next = typed(form, field, key);
  return next && { form: next };
}
