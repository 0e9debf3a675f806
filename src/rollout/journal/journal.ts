/**
 * The rollout's memory on disk: one JSON line an entry, on disk before the request goes out.
 * Synchronous on purpose: `append` returns only when the line is safe.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseShallow } from '../../common/depth.js';
import { makeFolder, PRIVATE } from '../../common/make-folder.js';
import { readBytesSync, readTextSync } from '../../common/read-text.js';
import { isFileNamePart } from '../names.js';
import { entryProblem, JOURNAL_FORMAT } from './entry-schema.js';
import { withPresentNames } from './earlier-names.js';
import type { JournalEntry } from './entry.js';
import { secretPath } from '../../common/hide-secrets.js';

type WithoutLine<T> = T extends unknown ? Omit<T, 'format' | 'at' | 'seq'> : never;
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

/** A sentence in place of an error of the system. */
function readable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new JournalError(
      `${path} can't be read (${code}). Check its permissions, or move it aside.`,
    );
  }
}

function parse(path: string): Parsed {
  const bytes = readable(path, () => readBytesSync(path));
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1);
  const entries = lines.map((line, index) => {
    let value: unknown;
    try {
      value = withPresentNames(parseShallow(line));
    } catch {
      // Said below, with its place.
    }
    const problem = entryProblem(value);
    if (problem === undefined) return value as JournalEntry;
    throw new JournalError(
      `Line ${index + 1} of the journal ${path} ${problem}. Move the file aside: the endpoint itself is unaffected and opens without it.`,
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

function writable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const what =
      code === 'ENOSPC'
        ? 'the disk is full'
        : code === 'EEXIST'
          ? 'EEXIST: another file is in its place'
          : code;
    throw new JournalError(
      `The journal ${path} can't be written (${what}). Nothing is sent that can't be journaled: fix this, then run the command again.`,
    );
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
    const { endpoint, rolloutId } = opened;
    for (const part of [endpoint, rolloutId]) {
      if (!isFileNamePart(part)) {
        throw new JournalError(
          `${JSON.stringify(part.slice(0, 64))} can't be part of a journal's file name: use at most 64 letters, digits, "-", "_" and ".".`,
        );
      }
    }
    const path = join(folder, `${endpoint}-${rolloutId}.jsonl`);
    const file = writable(path, () => {
      makeFolder(folder, PRIVATE);
      const opening = openSync(path, 'ax', 0o600);
      syncFolder(folder);
      return opening;
    });
    const journal = new Journal(path, file, [], now);
    journal.append({ event: 'opened', ...opened });
    return journal;
  }

  /** Goes on with a journal; what a crash left of a half-written line is cut off. */
  static open(path: string, now: () => Date = () => new Date()): Journal {
    const { entries, wholeBytes, torn } = parse(path);
    const file = writable(path, () => {
      const opening = openSync(path, 'a', 0o600);
      if (torn) {
        ftruncateSync(opening, wholeBytes);
        fsyncSync(opening);
      }
      return opening;
    });
    return new Journal(path, file, entries, now);
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /**
   * Throws, and writes nothing, when the entry holds what looks like a secret, or when it can't be
   * written whole: then what it is about must not be sent.
   */
  append(event: JournalEvent): JournalEntry {
    const file = this.#file;
    if (file === undefined) throw new JournalError(`The journal ${this.path} is closed.`);
    const secret = secretPath(event);
    if (secret !== undefined) {
      throw new JournalError(
        `The journal refuses ${event.event}: ${secret} looks like a key or a token, and secrets are never kept on disk.`,
      );
    }
    const seq = (this.#entries.at(-1)?.seq ?? 0) + 1;
    const entry = { format: JOURNAL_FORMAT, at: this.now().toISOString(), seq, ...event };
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    const before = fstatSync(file).size;
    writable(this.path, () => {
      try {
        // A full disk may take a part of it.
        let written = 0;
        while (written < line.length) written += writeSync(file, line, written);
        fsyncSync(file);
      } catch (error) {
        ftruncateSync(file, before);
        throw error;
      }
    });
    this.#entries = [...this.#entries, entry];
    return entry;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

interface JournalFile {
  path: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  entries: JournalEntry[];
}

export interface JournalList {
  /** Last written first. */
  journals: JournalFile[];
  /** A sentence for each that can't be read ... */
  problems: string[];
  /** ... and those files, with their first line where at least that can be read. */
  broken: { path: string; problem: string; opened?: Opened }[];
}

type Opened = Extract<JournalEntry, { event: 'opened' }>;

/** Whose journal it is, by its first line. */
function openedIn(path: string): Opened | undefined {
  try {
    const [line = ''] = readTextSync(path).split('\n', 1);
    const entry = parseShallow(line) as JournalEntry;
    return entry.event === 'opened' && entryProblem(entry) === undefined ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** The journals of a folder; one that can't be read is in `broken` itself. */
export function listJournals(folder: string): JournalList {
  const journals: JournalFile[] = [];
  const broken: JournalList['broken'] = [];
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { journals, problems: [], broken };
    const why = code === 'ENOTDIR' ? 'it is a file, not a folder' : code;
    const problem = `The journals in ${folder} can't be read (${why}). Move it aside, or check its permissions.`;
    return { journals, problems: [problem], broken: [{ path: folder, problem }] };
  }
  for (const name of names.filter((each) => each.endsWith('.jsonl'))) {
    const path = join(folder, name);
    try {
      const { entries } = parse(path);
      if (entries.length > 0) journals.push({ path, modifiedAt: statSync(path).mtimeMs, entries });
    } catch (error) {
      const opened = openedIn(path);
      const problem = error instanceof JournalError ? error.message : `${path} can't be read.`;
      broken.push({ path, problem, ...(opened && { opened }) });
    }
  }
  journals.sort((a, b) => b.modifiedAt - a.modifiedAt || (a.path < b.path ? 1 : -1));
  return { journals, problems: broken.map(({ problem }) => problem), broken };
}
