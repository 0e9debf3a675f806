import { EventEmitter } from 'node:events';
import { KeySplitter, type Key } from './split-keys.js';

/** How long a lone Esc waits for the rest of an arrow key that a slow line cut in two. */
const ESCAPE_WAIT_MS = 50;
/** A paste whose end mark never comes must not swallow the keyboard. */
const PASTE_WAIT_MS = 1_000;
/** Ink subscribes its handlers in passive effects, some event-loop turns after a key. */
const TURNS_PER_KEY = 6;

/** What `KeyStdin` needs of the real stdin. */
export interface KeySource extends NodeJS.EventEmitter {
  isTTY?: boolean;
  read(): unknown;
  setRawMode?(on: boolean): unknown;
  setEncoding(encoding: BufferEncoding): unknown;
  ref?(): unknown;
  unref?(): unknown;
  resume?(): unknown;
  pause?(): unknown;
}

/**
 * The stdin that Ink is given: it hands out one key per React turn. Ink emits all keys of one
 * read in one batch, and its handlers see the state of the last commit, so that `↓⏎` in one
 * read would choose the item above the one on the screen.
 */
export class KeyStdin extends EventEmitter {
  readonly isTTY: boolean;
  readonly #source: KeySource;
  readonly #splitter = new KeySplitter();
  #queue: Key[] = [];
  #current: Key | undefined;
  #lastKey: Key | undefined;
  #busy = false;
  #held = false;
  #wait: NodeJS.Timeout | undefined;

  constructor(source: KeySource) {
    super();
    this.setMaxListeners(0);
    this.#source = source;
    this.isTTY = Boolean(source.isTTY);
    source.on('end', () => this.emit('end'));
  }

  /** The key handed out last. */
  get lastKey(): Key | undefined {
    return this.#lastKey;
  }

  /** Keys typed and not handed out yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** For `render(<App/>, {stdin: keys.asStdin()})`: Ink uses only what is here. */
  asStdin(): NodeJS.ReadStream {
    return this as unknown as NodeJS.ReadStream;
  }

  /**
   * Drops every key typed so far, but Ctrl-C, which is meant for the program and not for a screen.
   * Call it when the screen those keys were meant for is gone.
   */
  flush(): void {
    for (let chunk; (chunk = this.#source.read()) !== null;) {
      this.#queue.push(...this.#splitter.push(String(chunk)));
    }
    this.#queue = this.#queue.filter(isInterrupt);
    this.#splitter.drop();
    this.#awaitRest();
  }

  /** Keys are kept until `release`, for a screen that can't act on them yet. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    if (!this.#busy) afterTurns(TURNS_PER_KEY, this.#handOut);
  }

  read(): string | null {
    const key = this.#current;
    this.#current = undefined;
    return key?.text ?? null;
  }

  setRawMode(on: boolean): this {
    this.#source.setRawMode?.(on);
    this.#source.off('readable', this.#onReadable);
    if (on) this.#source.on('readable', this.#onReadable);
    else this.#queue = [];
    return this;
  }

  setEncoding(encoding: BufferEncoding): this {
    this.#source.setEncoding(encoding);
    return this;
  }

  ref(): this {
    this.#source.ref?.();
    return this;
  }

  unref(): this {
    clearTimeout(this.#wait);
    this.#source.unref?.();
    return this;
  }

  resume(): this {
    this.#source.resume?.();
    return this;
  }

  pause(): this {
    this.#source.pause?.();
    return this;
  }

  readonly #onReadable = (): void => {
    for (let chunk; (chunk = this.#source.read()) !== null;) {
      this.#take(this.#splitter.push(String(chunk)));
    }
    this.#awaitRest();
  };

  #awaitRest(): void {
    clearTimeout(this.#wait);
    if (!this.#splitter.unfinished) return;
    const patience = this.#splitter.inPaste ? PASTE_WAIT_MS : ESCAPE_WAIT_MS;
    this.#wait = setTimeout(() => this.#take(this.#splitter.finish()), patience);
  }

  #take(keys: Key[]): void {
    for (const key of keys) {
      // Ctrl-C overtakes what waits: who presses it wants the rest not to happen.
      if (isInterrupt(key)) this.#queue = this.#queue.filter(isInterrupt);
      this.#queue.push(key);
    }
    if (!this.#busy && !this.#held) this.#handOut();
  }

  readonly #handOut = (): void => {
    const key = this.#queue.shift();
    this.#busy = key !== undefined;
    if (key === undefined) return;
    this.#current = key;
    this.#lastKey = key;
    this.emit('readable');
    afterTurns(TURNS_PER_KEY, this.#handOut);
  };
}

const isInterrupt = (key: Key): boolean => key.text === '\x03' && !key.pasted;

function afterTurns(turns: number, then: () => void): void {
  setImmediate(() => (turns <= 1 ? then() : afterTurns(turns - 1, then)));
}
