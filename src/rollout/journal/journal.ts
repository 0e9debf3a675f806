/**
 * The rollout's memory on disk: one JSON line an entry, on disk before the request goes out.
 * Synchronous on purpose: `append` returns only when the line is safe.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { JournalEntry } from './entry.js';
import { secretPath } from '../../common/hide-secrets.js';

type WithoutLine<T> = T extends unknown ? Omit<T, 'at' | 'seq'> : never;
/** An entry before it has its time and number. */
export type JournalEvent = WithoutLine<JournalEntry>;

export class JournalError extends Error {
  override readonly name = 'JournalError';
}

interface Parsed {
  entries: JournalEntry[];
  /** Bytes of the file that hold whole lines; a torn last line is after them. */
  wholeBytes: number;
  torn: boolean;
}

function isEntry(value: unknown): value is JournalEntry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'event' in value &&
    typeof value.event === 'string' &&
    'seq' in value &&
    typeof value.seq === 'number' &&
    'at' in value &&
    typeof value.at === 'string'
  );
}

function parse(path: string): Parsed {
  const bytes = readFileSync(path);
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1);
  const entries = lines.map((line, index) => {
    try {
      const value: unknown = JSON.parse(line);
      if (isEntry(value)) return value;
    } catch {
      // Said below, with its place.
    }
    throw new JournalError(
      `Line ${index + 1} of the journal ${path} can't be read. Move the file aside; the endpoint itself is still right, and can be opened without it.`,
    );
  });
  return { entries, wholeBytes, torn: wholeBytes < bytes.length };
}

/** Reads a journal without opening it for writing. A line cut off by a crash is left out. */
export function readJournal(path: string): { entries: JournalEntry[]; torn: boolean } {
  const { entries, torn } = parse(path);
  return { entries, torn };
}

function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export class Journal {
  #file: number | undefined;
  #entries: JournalEntry[];

  private constructor(
    readonly path: string,
    file: number,
    entries: JournalEntry[],
    private readonly now: () => Date,
  ) {
    this.#file = file;
    this.#entries = entries;
  }

  /** Starts the journal `<folder>/<endpoint>-<rolloutId>.jsonl`; rejects one that exists. */
  static create(
    folder: string,
    opened: Omit<Extract<JournalEvent, { event: 'opened' }>, 'event'>,
    now: () => Date = () => new Date(),
  ): Journal {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${opened.endpoint}-${opened.rolloutId}.jsonl`);
    const journal = new Journal(path, openSync(path, 'ax', 0o600), [], now);
    syncFolder(dirname(path));
    journal.append({ event: 'opened', ...opened });
    return journal;
  }

  /** Goes on with a journal; what a crash left of a half-written line is cut off. */
  static open(path: string, now: () => Date = () => new Date()): Journal {
    const { entries, wholeBytes, torn } = parse(path);
    const file = openSync(path, 'a', 0o600);
    if (torn) {
      ftruncateSync(file, wholeBytes);
      fsyncSync(file);
    }
    return new Journal(path, file, entries, now);
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** Throws, and writes nothing, when the entry holds what looks like a secret. */
  append(event: JournalEvent): JournalEntry {
    if (this.#file === undefined) throw new JournalError(`The journal ${this.path} is closed.`);
    const secret = secretPath(event);
    if (secret !== undefined) {
      throw new JournalError(
        `The journal refuses ${event.event}: ${secret} looks like a key or a token, and secrets are never kept on disk.`,
      );
    }
    const seq = (this.#entries.at(-1)?.seq ?? 0) + 1;
    const entry = { at: this.now().toISOString(), seq, ...event };
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
    fsyncSync(this.#file);
    this.#entries = [...this.#entries, entry];
    return entry;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

export interface JournalFile {
  path: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  entries: JournalEntry[];
}

/** The readable journals of a folder, last written first. An unreadable one is in `problems`. */
export function listJournals(folder: string): { journals: JournalFile[]; problems: string[] } {
  const journals: JournalFile[] = [];
  const problems: string[] = [];
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return { journals, problems };
  }
  for (const name of names.filter((each) => each.endsWith('.jsonl'))) {
    const path = join(folder, name);
    try {
      const { entries } = parse(path);
      if (entries.length > 0) journals.push({ path, modifiedAt: statSync(path).mtimeMs, entries });
    } catch (error) {
      problems.push(error instanceof JournalError ? error.message : `${path} can't be read.`);
    }
  }
  journals.sort((a, b) => b.modifiedAt - a.modifiedAt || (a.path < b.path ? 1 : -1));
  return { journals, problems };
}
