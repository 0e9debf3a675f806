/**
 * Fields of a message in the wire format of protocol buffers, read from a file in parts, so that a model
 * of gigabytes is read without its weights: https://protobuf.dev/programming-guides/encoding/
 */
import type { FileBytes } from './file-bytes.js';

/** From one offset of the file to another. */
export interface Span {
  start: number;
  end: number;
}

export interface ProtobufField {
  number: number;
  /** Of a varint. */
  value?: bigint;
  /** Of bytes, a text, a message or packed numbers. */
  span?: Span;
}

const WINDOW = 64 * 1024;
/** A graph of hundreds of thousands of nodes has as many. */
const MOST_FIELDS = 2_000_000;
const MOST_TEXT = 32 * 1024 * 1024;
const LONGEST_TEXT = 100_000;

export class ProtobufReader {
  private window: Uint8Array = new Uint8Array(0);
  private windowStart = 0;
  private fieldsLeft = MOST_FIELDS;
  private textLeft = MOST_TEXT;
  private at = 0;

  constructor(private readonly file: FileBytes) {}

  get whole(): Span {
    return { start: 0, end: this.file.size };
  }

  /** @throws Error for what is no message, and for one of too many fields */
  async *fields({ start, end }: Span): AsyncGenerator<ProtobufField> {
    for (let next = start; next < end;) {
      if ((this.fieldsLeft -= 1) < 0) throw new Error('too many fields');
      this.at = next;
      const tag = Number(await this.varint());
      const number = Math.floor(tag / 8);
      if (number === 0) throw new Error('no field 0');
      const field: ProtobufField = { number };
      const type = tag % 8;
      if (type === 0) field.value = await this.varint();
      else if (type === 1) this.at += 8;
      else if (type === 5) this.at += 4;
      else if (type === 2) {
        const length = Number(await this.varint());
        field.span = { start: this.at, end: this.at + length };
        this.at += length;
      } else throw new Error(`no wire type ${type}`);
      next = this.at;
      if (next > end) throw new Error('cut short');
      yield field;
    }
  }

  async text(span: Span | undefined): Promise<string> {
    const { start, end } = span ?? { start: 0, end: 0 };
    const length = end - start;
    this.textLeft -= length;
    if (length > LONGEST_TEXT || this.textLeft < 0) throw new Error('too much text');
    const bytes = await this.file.read(start, length);
    if (bytes.length < length) throw new Error('cut short');
    return new TextDecoder().decode(bytes);
  }

  /** A repeated whole number, in one field or packed into one of bytes. */
  async wholes({ value, span }: ProtobufField): Promise<bigint[]> {
    const values = value === undefined ? [] : [value];
    this.at = span?.start ?? 0;
    while (span && this.at < span.end) {
      if ((this.fieldsLeft -= 1) < 0) throw new Error('too many fields');
      values.push(await this.varint());
    }
    return values.map((each) => BigInt.asIntN(64, each));
  }

  private async varint(): Promise<bigint> {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = await this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('no varint');
  }

  private async byte(): Promise<number> {
    const index = this.at - this.windowStart;
    let byte = this.window[index];
    if (byte === undefined) {
      this.window = await this.file.read(this.at, WINDOW);
      this.windowStart = this.at;
      byte = this.window[0];
      if (byte === undefined) throw new Error('cut short');
    }
    this.at += 1;
    return byte;
  }
}
