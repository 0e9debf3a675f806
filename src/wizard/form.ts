/** A form of a few fields and one action row below them, as pure data. */
import type { KeyPress } from './keys.js';

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
  const { error: _, ...clean } = field;
  const fields = form.fields.map((each) => (each === field ? { ...clean, value } : each));
  const { hint: __, ...rest } = form;
  return { ...rest, fields, cursor };
}

function typed(form: Form, field: Field, key: KeyPress): Form | undefined {
  const { value } = field;
  const at = Math.min(form.cursor, value.length);
  switch (key.name) {
    case 'left':
      return { ...form, cursor: Math.max(0, at - 1) };
    case 'right':
      return { ...form, cursor: Math.min(value.length, at + 1) };
    case 'home':
    case 'ctrl+a':
      return { ...form, cursor: 0 };
    case 'end':
    case 'ctrl+e':
      return { ...form, cursor: value.length };
    case 'backspace':
      return at === 0
        ? form
        : edited(form, field, value.slice(0, at - 1) + value.slice(at), at - 1);
    case 'ctrl+u':
      return edited(form, field, value.slice(at), 0);
    default: {
      if (key.text === undefined) return undefined;
      const text = field.kind === 'number' ? key.text.replace(/[^0-9.]/g, '') : key.text;
      return edited(form, field, value.slice(0, at) + text + value.slice(at), at + text.length);
    }
  }
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

export type FormOutcome = { form: Form; submitted?: true } | undefined;

/** What a key does to the form; `undefined` when the form has no use for it. */
export function formKey(form: Form, key: KeyPress, action: string): FormOutcome {
  const field = form.fields[form.focus];
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
