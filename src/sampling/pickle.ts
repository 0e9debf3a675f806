/**
 * Reads a Python pickle of protocol 2 to 5 as plain data. Nothing in it is imported, called or run: a
 * global is its name, and an object is a record of what would be called, with which arguments and state.
 * The opcodes are those that https://docs.python.org/3/library/pickletools.html lists for these protocols.
 */

import { PickledDict, PickledGlobal, PickledObject, type Pickled } from './pickled.js';

/**
 * A text model with 300,000 words takes a million steps, a forest of 55 MB 26,000. A file made to cost as
 * much as it can takes 2 s and 400 MB with these.
 */
const MOST_STEPS = 3_000_000;

/** @throws Error for what is no pickle, for one that needs more, and for one of too many steps */
export function readPickle(bytes: Uint8Array): Pickled {
  const reader = new Reader(bytes);
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const opcode = reader.byte();
    if (opcode === STOP) return reader.pop();
    const step = STEPS[opcode];
    if (!step) throw new Error(`no opcode ${opcode}`);
    step(reader);
  }
  throw new Error('too long');
}

const STOP = 0x2e;

class Reader {
  stack: Pickled[] = [];
  readonly marked: Pickled[][] = [];
  readonly memo = new Map<number, Pickled>();
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  push(value: Pickled): void {
    this.stack.push(value);
  }

  pop(): Pickled {
    const value = this.stack.pop();
    if (value === undefined) throw new Error('nothing on the stack');
    return value;
  }

  top(): Pickled {
    const value = this.stack.at(-1);
    if (value === undefined) throw new Error('nothing on the stack');
    return value;
  }

  /** What was put since the last mark. */
  sinceMark(): Pickled[] {
    const before = this.marked.pop();
    if (!before) throw new Error('no mark');
    const items = this.stack;
    this.stack = before;
    return items;
  }

  recall(key: number): void {
    const known = this.memo.get(key);
    if (known === undefined) throw new Error('not in the memo');
    this.push(known);
  }

  /** A DataView throws past its end. */
  byte = (): number => this.view.getUint8(this.skip(1));
  uint16 = (): number => this.view.getUint16(this.skip(2), true);
  uint32 = (): number => this.view.getUint32(this.skip(4), true);
  int32 = (): number => this.view.getInt32(this.skip(4), true);
  double = (): number => this.view.getFloat64(this.skip(8), false);
  uint64 = (): number => Number(this.view.getBigUint64(this.skip(8), true));

  /** A part of the file, not a copy. */
  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new Error('cut short');
    return this.bytes.subarray(this.at, this.skip(length) + length);
  }

  text = (length: number): string => new TextDecoder().decode(this.take(length));

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new Error('cut short');
    const text = this.text(end - this.at);
    this.skip(1);
    return text;
  }

  /** Two's complement, the lowest byte first. */
  whole(length: number): Pickled {
    if (length > LONGEST_WHOLE) throw new Error('too long');
    let value = 0n;
    for (const [index, byte] of this.take(length).entries())
      value |= BigInt(byte) << BigInt(8 * index);
    const signed = BigInt.asIntN(8 * length, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  private skip(length: number): number {
    const { at } = this;
    this.at += length;
    return at;
  }
}

/** Bytes of a whole number; the seeds of random generators have 2,500. */
const LONGEST_WHOLE = 10_000;

const listOf = (value: Pickled): Pickled[] | undefined =>
  Array.isArray(value) ? value : undefined;

function addAll(list: Pickled, items: readonly Pickled[]): void {
  // Of other objects that take items, nothing is asked.
  const known = listOf(list);
  for (const item of items) known?.push(item);
}

function setAll(dict: Pickled, items: readonly Pickled[]): void {
  if (items.length % 2 > 0) throw new Error('a key without a value');
  if (dict instanceof PickledDict) for (const item of items) dict.entries.push(item);
}

function global({ module, name }: { module: Pickled; name: Pickled }): PickledGlobal {
  if (typeof module !== 'string' || typeof name !== 'string') throw new Error('no name');
  return new PickledGlobal(module, name);
}

function tuple(count: number) {
  return (reader: Reader): void => {
    const items = Array.from({ length: count }, () => reader.pop());
    reader.push(items.reverse());
  };
}

function call(reader: Reader): void {
  const args = reader.pop();
  reader.push(new PickledObject(reader.pop(), args));
}

function sinceMark(reader: Reader): void {
  reader.push(reader.sinceMark());
}

function dictOf(items: readonly Pickled[]): PickledDict {
  const dict = new PickledDict();
  setAll(dict, items);
  return dict;
}

const put =
  (key: (reader: Reader) => number) =>
  (reader: Reader): void =>
    void reader.memo.set(key(reader), reader.top());

const value =
  (read: (reader: Reader) => Pickled) =>
  (reader: Reader): void =>
    reader.push(read(reader));

const STEPS: Partial<Record<number, (reader: Reader) => void>> = {
  // PROTO and FRAME
  0x80: (reader) => void reader.byte(),
  0x95: (reader) => void reader.uint64(),
  // MARK, POP, POP_MARK and DUP
  0x28: (reader) => {
    reader.marked.push(reader.stack);
    reader.stack = [];
  },
  0x30: (reader) => {
    if (reader.stack.length > 0) reader.pop();
    else reader.sinceMark();
  },
  0x31: (reader) => void reader.sinceMark(),
  0x32: value((reader) => reader.top()),
  // BINPUT, LONG_BINPUT and MEMOIZE; BINGET and LONG_BINGET
  0x71: put((reader) => reader.byte()),
  0x72: put((reader) => reader.uint32()),
  0x94: put((reader) => reader.memo.size),
  0x68: (reader) => reader.recall(reader.byte()),
  0x6a: (reader) => reader.recall(reader.uint32()),
  // NONE, NEWTRUE and NEWFALSE
  0x4e: value(() => null),
  0x88: value(() => true),
  0x89: value(() => false),
  // BININT, BININT1, BININT2, LONG1, LONG4 and BINFLOAT
  0x4a: value((reader) => reader.int32()),
  0x4b: value((reader) => reader.byte()),
  0x4d: value((reader) => reader.uint16()),
  0x8a: value((reader) => reader.whole(reader.byte())),
  0x8b: value((reader) => reader.whole(reader.uint32())),
  0x47: value((reader) => reader.double()),
  // SHORT_BINUNICODE, BINUNICODE and BINUNICODE8
  0x8c: value((reader) => reader.text(reader.byte())),
  0x58: value((reader) => reader.text(reader.uint32())),
  0x8d: value((reader) => reader.text(reader.uint64())),
  // SHORT_BINBYTES, BINBYTES, BINBYTES8 and BYTEARRAY8
  0x43: value((reader) => reader.take(reader.byte())),
  0x42: value((reader) => reader.take(reader.uint32())),
  0x8e: value((reader) => reader.take(reader.uint64())),
  0x96: value((reader) => reader.take(reader.uint64())),
  // EMPTY_TUPLE, TUPLE1 to TUPLE3 and TUPLE
  0x29: value(() => []),
  0x85: tuple(1),
  0x86: tuple(2),
  0x87: tuple(3),
  0x74: sinceMark,
  // EMPTY_LIST, LIST, APPEND and APPENDS
  0x5d: value(() => []),
  0x6c: sinceMark,
  0x61: (reader) => {
    const item = reader.pop();
    addAll(reader.top(), [item]);
  },
  0x65: (reader) => {
    const items = reader.sinceMark();
    addAll(reader.top(), items);
  },
  // EMPTY_DICT, DICT, SETITEM and SETITEMS
  0x7d: value(() => new PickledDict()),
  0x64: value((reader) => dictOf(reader.sinceMark())),
  0x73: (reader) => {
    const item = reader.pop();
    const key = reader.pop();
    setAll(reader.top(), [key, item]);
  },
  0x75: (reader) => {
    const items = reader.sinceMark();
    setAll(reader.top(), items);
  },
  // EMPTY_SET, ADDITEMS and FROZENSET
  0x8f: value(() => []),
  0x90: (reader) => {
    const items = reader.sinceMark();
    addAll(reader.top(), items);
  },
  0x91: sinceMark,
  // GLOBAL and STACK_GLOBAL
  0x63: value((reader) => new PickledGlobal(reader.line(), reader.line())),
  0x93: value((reader) => {
    const name = reader.pop();
    return global({ module: reader.pop(), name });
  }),
  // REDUCE, NEWOBJ, NEWOBJ_EX and BUILD
  0x52: call,
  0x81: call,
  0x92: (reader) => {
    const named = reader.pop();
    const args = reader.pop();
    reader.push(new PickledObject(reader.pop(), [args, named]));
  },
  0x62: (reader) => {
    const state = reader.pop();
    const object = reader.top();
    if (object instanceof PickledObject) object.states.push(state);
  },
};
