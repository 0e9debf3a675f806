/** Finds where the records of a CSV end, in bytes: quotes are followed, nothing is turned to text. */

interface RecordSink {
  /**
   * One record without its line end: `bytes[start, end)`, which has this many fields. The bytes are
   * only lent: they are overwritten after the call.
   */
  record(bytes: Uint8Array, start: number, end: number, fields: number): void;
  /** A quoted field continues after its closing quote. */
  malformed(): never;
  /** A record outgrows the bound, or the text ends in it; `quoted`: inside quotes. */
  endless(quoted: boolean): never;
}

const QUOTE = 0x22;
const CR = 0x0d;

// Classes of bytes. Those of UTF-8 characters of several bytes are all ordinary.
const ORDINARY = 0;
const DELIMITER = 1;
const NEWLINE = 2;
const QUOTES = 3;
const BLANK = 4;

// Where in a field the scanner is.
const PLAIN = 0;
const QUOTED = 1;
/** After a quote inside quotes: another one is a quote of the text, else the field has ended. */
const CLOSING = 2;

/**
 * Reads RFC 4180 as papaparse does: a quote opens a field only as its first character, is doubled
 * inside, and blanks may be between the closing quote and the delimiter. Every byte is looked at
 * once, whatever the text.
 */
export class RecordScanner {
  private readonly classes = new Uint8Array(256);
  /** The same outside of quotes, where blanks are ordinary. */
  private readonly plain = new Uint8Array(256);
  private state = PLAIN;
  private fields = 1;
  private sawQuote = false;
  /** Blanks came after the closing quote. */
  private blanks = false;
  /** A field begins with the next byte. */
  private atStart = true;
  /** The beginning of a record whose end was not in the pieces so far. */
  private carried: Uint8Array[] = [];
  private carriedBytes = 0;

  constructor(
    delimiter: string,
    private readonly newline: '\n' | '\r',
    private readonly longest: number,
    private readonly sink: RecordSink,
  ) {
    for (const blank of [' ', '\t', '\v', '\f', '\r']) this.set(blank, BLANK);
    this.set('"', QUOTES);
    this.set(newline, NEWLINE);
    this.set(delimiter, DELIMITER);
  }

  private set(character: string, kind: number): void {
    this.classes[character.charCodeAt(0)] = kind;
    this.plain[character.charCodeAt(0)] = kind === BLANK ? ORDINARY : kind;
  }

  /** Takes the next piece; gives out every record that ends in it. */
  write(bytes: Uint8Array): void {
    const { classes, plain, sink } = this;
    let { state, fields } = this;
    let start = 0;
    // Where the field began, to know a quote that opens it.
    let fieldStart = this.atStart ? 0 : -1;
    let at = 0;
    const length = bytes.length;
    while (at < length) {
      if (state === PLAIN) {
        let kind = ORDINARY;
        for (; at < length; at += 1) {
          kind = plain[bytes[at] as number] as number;
          if (kind === ORDINARY) continue;
          if (kind !== DELIMITER) break;
          fields += 1;
          fieldStart = at + 1;
        }
        if (at >= length) break;
        if (kind === NEWLINE) {
          this.end(bytes, start, at, fields);
          at += 1;
          start = at;
          fieldStart = at;
          fields = 1;
        } else {
          if (at === fieldStart) state = QUOTED;
          this.sawQuote = true;
          at += 1;
        }
      } else if (state === QUOTED) {
        while (at < length && bytes[at] !== QUOTE) at += 1;
        if (at >= length) break;
        state = CLOSING;
        at += 1;
        // No blanks were seen since: the next quote would be a doubled one.
        this.blanks = false;
      } else {
        const kind = classes[bytes[at] as number] as number;
        if (kind === QUOTES && !this.blanks) state = QUOTED;
        else if (kind === BLANK) this.blanks = true;
        else if (kind === DELIMITER) {
          fields += 1;
          state = PLAIN;
          fieldStart = at + 1;
        } else if (kind === NEWLINE) {
          this.end(bytes, start, at, fields);
          start = at + 1;
          fieldStart = at + 1;
          fields = 1;
          state = PLAIN;
        } else sink.malformed();
        at += 1;
      }
    }
    this.state = state;
    this.fields = fields;
    this.atStart = fieldStart === length;
    this.carry(bytes, start);
  }

  /** To be called once, after the last piece: the last record may have no line end. */
  finish(): void {
    if (this.state === QUOTED) this.sink.endless(true);
    if (this.carriedBytes > 0) this.end(new Uint8Array(0), 0, 0, this.fields);
  }

  private carry(bytes: Uint8Array, start: number): void {
    if (start === bytes.length) return;
    this.carriedBytes += bytes.length - start;
    if (this.carriedBytes > this.longest) this.sink.endless(this.sawQuote);
    // `slice` of a Buffer would lend the bytes on.
    this.carried.push(new Uint8Array(bytes.subarray(start)));
  }

  private end(bytes: Uint8Array, start: number, end: number, fields: number): void {
    const whole =
      this.carriedBytes === 0
        ? undefined
        : Buffer.concat([...this.carried, bytes.subarray(start, end)]);
    const from = whole ?? bytes;
    const first = whole ? 0 : start;
    let last = whole ? whole.length : end;
    if (last - first > this.longest) this.sink.endless(this.sawQuote);
    // `\r\n` ends a line as `\n` does, and so does `\r\r\n`, which a second conversion leaves.
    if (this.newline === '\n') while (last > first && from[last - 1] === CR) last -= 1;
    if (whole) {
      this.carried = [];
      this.carriedBytes = 0;
    }
    this.sawQuote = false;
    this.sink.record(from, first, last, fields);
  }
}
