/** One key press, or one paste. */
export interface Key {
  /** What the terminal sent for it; for a paste, its text on one line. */
  text: string;
  pasted: boolean;
}

const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';
/** A paste longer than this is cut: no field of ours takes more. */
const PASTE_LIMIT = 100_000;

// Replies to queries and mouse reports look like keys to Ink and would be typed into fields.
const CSI_KEY = /^\x1b\[(?:\[[0-9]*[A-E~]|[0-9;]*[A-FHPQSZa-e~^$])$/;
const CSI = /^\x1b\[\[?[0-?]*[ -/]*[@-~]/;
const CSI_UNFINISHED = /^\x1b\[\[?[0-?]*[ -/]*$/;
const SS3 = /^\x1bO[0-9;]*[A-Za-z]/;
/** OSC, DCS, APC, PM and SOS strings: answers of the terminal, never keys. */
const STRING = /^\x1b[\]P_^X][\s\S]*?(?:\x07|\x1b\\)/;
const STRING_UNFINISHED = /^\x1b[\]P_^X][\x20-\x7e]+$/;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Bytes as a terminal sends them, cut into keys. Remembers a sequence split over two reads. */
export class KeySplitter {
  #rest = '';
  #paste: string | undefined;
  #dropPaste = false;

  /** True while an escape sequence or a paste has started and not ended. */
  get unfinished(): boolean {
    return this.#rest !== '' || this.#paste !== undefined;
  }

  get inPaste(): boolean {
    return this.#paste !== undefined;
  }

  push(chunk: string): Key[] {
    const keys: Key[] = [];
    let text = this.#rest + chunk;
    this.#rest = '';
    while (text !== '') {
      if (this.#paste !== undefined) text = this.#readPaste(text, keys);
      else if (text.startsWith(PASTE_START)) {
        this.#paste = '';
        text = text.slice(PASTE_START.length);
      } else if (text[0] === '\x1b') {
        const next = this.#readEscape(text, keys);
        if (next === undefined) {
          this.#rest = text;
          break;
        }
        text = next;
      } else text = readPlain(text, keys);
    }
    return keys;
  }

  /** Ends what has started: a lone Esc was the Esc key, a paste without end is over. */
  finish(): Key[] {
    const keys: Key[] = [];
    if (this.#paste !== undefined) {
      this.#paste += this.#rest;
      this.#rest = '';
      this.#endPaste(keys);
    } else if (this.#rest !== '') {
      // A started CSI that never ended is dropped: only the Esc itself can be meant.
      if (this.#rest === '\x1b') keys.push(pressed('\x1b'));
      else if (/^\x1b[[O]$/.test(this.#rest)) keys.push(pressed('\x1b'), pressed(this.#rest[1]!));
      this.#rest = '';
    }
    return keys;
  }

  /** Forgets what has started; a paste under way is dropped up to its end, not read as keys. */
  drop(): void {
    if (this.#paste === undefined) this.#rest = '';
    else this.#dropPaste = true;
  }

  #readPaste(text: string, keys: Key[]): string {
    const end = text.indexOf(PASTE_END);
    if (end >= 0) {
      this.#paste += text.slice(0, end);
      this.#endPaste(keys);
      return text.slice(end + PASTE_END.length);
    }
    // The end mark itself may be cut in two.
    const cut = text.lastIndexOf('\x1b');
    const keep = cut >= 0 && PASTE_END.startsWith(text.slice(cut)) ? cut : text.length;
    this.#paste = (this.#paste + text.slice(0, keep)).slice(0, PASTE_LIMIT);
    this.#rest = text.slice(keep);
    return '';
  }

  #endPaste(keys: Key[]): void {
    const text = onOneLine(this.#paste ?? '');
    if (!this.#dropPaste && text !== '') keys.push({ text, pasted: true });
    this.#paste = undefined;
    this.#dropPaste = false;
  }

  /** Reads one sequence off the front; undefined when its end has not arrived yet. */
  #readEscape(text: string, keys: Key[]): string | undefined {
    if (text === '\x1b') return undefined;
    const csi = CSI.exec(text)?.[0];
    if (csi !== undefined) {
      if (CSI_KEY.test(csi)) keys.push(pressed(csi));
      return text.slice(csi.length);
    }
    const ss3 = SS3.exec(text)?.[0];
    if (ss3 !== undefined) {
      keys.push(pressed(ss3));
      return text.slice(ss3.length);
    }
    const answer = STRING.exec(text)?.[0];
    if (answer !== undefined) return text.slice(answer.length);
    if (CSI_UNFINISHED.test(text) || text === '\x1bO' || STRING_UNFINISHED.test(text)) {
      return undefined;
    }
    // We bind no Alt keys, so Esc and a key that came close behind it stay two keys.
    keys.push(pressed('\x1b'));
    return text.slice(1);
  }
}

function pressed(text: string): Key {
  return { text, pasted: false };
}

function readPlain(text: string, keys: Key[]): string {
  const end = text.indexOf('\x1b');
  const plain = end < 0 ? text : text.slice(0, end);
  for (const { segment } of graphemes.segment(plain)) {
    // The segmenter keeps CR LF together; together they are one Enter.
    if (segment === '\r\n' || segment === '\n') keys.push(pressed('\r'));
    // Ink reports 0x7f as Delete; what sends it is the Backspace key.
    else if (segment === '\x7f') keys.push(pressed('\b'));
    else keys.push(pressed(segment));
  }
  return text.slice(plain.length);
}

function onOneLine(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\x00-\x1f\x7f-\x9f]/g, '')
    .trim();
}
