/**
 * What a screen reader is given: of each frame the lines that the one before did not have, and where one is as the
 * last of them. Nothing is drawn twice, and the cursor only ever moves down.
 */

import { stripVTControlCharacters } from 'node:util';

/** Printed before the item, field or button that keys act on. */
const POINTER = '> ';
/** Before the keys of the screen. */
export const KEYS = 'Keys: ';

const isRule = (line: string): boolean => /^(\W)\1*$/u.test(line);
const isFocus = (line: string): boolean => line.startsWith(POINTER);
const bare = (line: string): string => (isFocus(line) ? line.slice(POINTER.length) : line);

/** Columns become parts of a sentence. */
export const linesOf = (frame: string): string[] =>
  stripVTControlCharacters(frame)
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s{2,}/gu, ', '))
    .filter((line) => line !== '' && !isRule(line));

export function spokenLines(before: readonly string[], now: readonly string[]): string[] {
  const known = new Set(before.map(bare));
  const left = bare(before.find(isFocus) ?? '');
  const focus = now.find(isFocus);
  const moved = focus !== undefined && bare(focus) !== left;
  // A field that is left loses its hint, which is no news.
  const isNew = (line: string): boolean => !known.has(line) && !left.startsWith(line);
  const others = now.filter((line) => !isFocus(line) && isNew(line));
  const news = others.filter((line) => !line.startsWith(KEYS));
  // Keys differ from field to field; they are told with what else a screen has to tell.
  return [...(news.length > 0 ? others : news), ...(moved ? [focus] : [])];
}

/** Frames in quick succession are told as one, and a word once it is typed. */
const SETTLED_MS = 150;
const TYPED_MS = 600;

/** A `write` for Ink in its debug mode, in which each write is a whole frame. */
export class SpokenOutput {
  #told: string[] = [];
  #latest: string[] = [];
  #at = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly print: (line: string) => void) {}

  readonly write = (frame: string): boolean => {
    this.#latest = linesOf(frame);
    this.#at = Date.now();
    this.#timer ??= setTimeout(() => this.#tell(), SETTLED_MS);
    return true;
  };

  /** Tells the rest at once. */
  end(): void {
    this.#at = 0;
    this.#tell();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = spokenLines(this.#told, this.#latest);
    const typing = lines.length === 1 && sameField(lines[0] ?? '', this.#told.find(isFocus) ?? '');
    const wait = TYPED_MS - (Date.now() - this.#at);
    if (typing && wait > 0) {
      this.#timer = setTimeout(() => this.#tell(), wait);
      return;
    }
    this.#told = this.#latest;
    for (const line of lines) this.print(line);
  }
}

/** `field 1 of 7, Name: a` and `field 1 of 7, Name: ab`. */
const sameField = (line: string, before: string): boolean =>
  /^> field \d+ of \d+, /.test(line) && line.split(': ')[0] === before.split(': ')[0];
