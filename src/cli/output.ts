/** What commands print: lines for people, or lines of JSON for programs. */
import type { MoveEvent } from '../rollout/moves/events.js';
import { BuildLog } from './build-log.js';
import type { PassingEvent } from './event-words.js';
import { CODE } from './exit-codes.js';

/** Raised when a member is renamed, removed, or means something else; a new one does not raise it. */
export const SCHEMA_VERSION = 1;

/** What a line of JSON is about; docs/json.md has the members of each. */
export type EventName =
  | Exclude<MoveEvent['event'], PassingEvent>
  | 'plan'
  | 'status'
  | 'endpoint'
  | 'finding'
  | 'written'
  | 'result';

export class Printer {
  /** The exit code of the signal that was sent. */
  stopped?: number;

  /** Members of every event, such as the plan where there are several. */
  about?: Record<string, string>;

  readonly #log = new BuildLog();

  constructor(readonly json: boolean) {}

  /** What ended before a signal reached it keeps its own code. */
  codeOf(code: number): number {
    return code === CODE.interrupted ? (this.stopped ?? code) : code;
  }

  /** A line for people; not written beside JSON. */
  say(line = ''): void {
    if (!this.json) process.stdout.write(`${this.#log.plain(line)}\n`);
  }

  /** Lines from here on are a group, where the log has such; the title is a line of its own. */
  group(title: string): void {
    if (!this.json) process.stdout.write(this.#log.open(title));
  }

  /** What follows is for everybody to see. */
  endGroup(): void {
    process.stdout.write(this.#log.close());
  }

  /** A JSON line; beside sentences only a failed result is written, to the log of a workflow. */
  event({ event, ...members }: { event: EventName } & Record<string, unknown>): void {
    if (!this.json) {
      if (event === 'result') this.#annotate(members);
      return;
    }
    const line: Record<string, unknown> = {
      schemaVersion: SCHEMA_VERSION,
      event,
      ...this.about,
      ...members,
    };
    if (event === 'result') line['code'] = this.codeOf(line['code'] as number);
    process.stdout.write(`${this.#log.json(JSON.stringify(line))}\n`);
  }

  /** A line for people, always: what is in the way, what is asked. */
  note(line: string): void {
    process.stderr.write(`${this.#log.plain(line)}\n`);
  }

  #annotate({ code, message }: Record<string, unknown>): void {
    this.endGroup();
    if (code === CODE.done || typeof message !== 'string') return;
    const waits = code === CODE.approval || code === CODE.interrupted;
    process.stdout.write(this.#log.annotation(waits ? 'warning' : 'error', message));
  }
}
