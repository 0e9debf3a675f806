/** Keys are data: what a screen answers to, and what its footer and help say, are one list. */
import type { State } from './state.js';
import type { Update } from './update.js';

/**
 * One key as pressed: `enter`, `esc`, `tab`, `shift+tab`, `up`, `shift+left`, `pageup`, `backspace`,
 * `ctrl+c`, or the printable text itself (several characters when pasted or typed fast).
 */
export interface KeyPress {
  name: string;
  text?: string;
}

export interface Binding {
  keys: readonly string[];
  label: string;
  /** Absent: the list on the screen acts on this key, the binding only explains it. */
  run?: (state: State, key: KeyPress) => Update;
  /** The key stays visible and says why it can't act now. */
  disabledBecause?: string;
  /** Shown in help, not in the footer. */
  helpOnly?: boolean;
}

/** Ink's own description of a key; the subset that is read here. */
export interface InkKey {
  upArrow: boolean;
  downArrow: boolean;
  leftArrow: boolean;
  rightArrow: boolean;
  pageDown: boolean;
  pageUp: boolean;
  home: boolean;
  end: boolean;
  return: boolean;
  escape: boolean;
  ctrl: boolean;
  shift: boolean;
  tab: boolean;
  backspace: boolean;
  delete: boolean;
  meta: boolean;
}

const NAMED: readonly [keyof InkKey, string][] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['tab', 'tab'],
  // Ink takes 0x7f, which Backspace sends, for Delete: `key-stdin.ts` has told them apart before.
  ['backspace', 'backspace'],
  ['delete', 'delete'],
  ['escape', 'esc'],
];

export function keyPress(input: string, key: InkKey): KeyPress {
  for (const [flag, name] of NAMED) {
    if (key[flag]) return { name: key.shift && name !== 'enter' ? `shift+${name}` : name };
  }
  if (input === '\n' || input === '\r') return { name: 'enter' };
  if (key.ctrl) return { name: `ctrl+${input}` };
  return { name: input, text: input };
}

export function bindingFor(bindings: readonly Binding[], key: KeyPress): Binding | undefined {
  return bindings.find((binding) => binding.keys.includes(key.name));
}
