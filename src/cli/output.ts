/** What commands print: lines for people, or lines of JSON for programs. */
import { sanitizeText } from '../common/sanitize.js';
import type { MoveEvent } from '../rollout/moves/events.js';
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

  constructor(readonly json: boolean) {}

  /** What ended before a signal reached it keeps its own code. */
  codeOf(code: number): number {
    return code === CODE.interrupted ? (this.stopped ?? code) : code;
  }

  /** A line for people; not written beside JSON. */
  say(line = ''): void {
    if (!this.json) process.stdout.write(`${sanitizeText(line)}\n`);
  }

  /** A JSON line; not written beside sentences. */
  event({ event, ...members }: { event: EventName } & Record<string, unknown>): void {
    if (!this.json) return;
    const line: Record<string, unknown> = {
      schemaVersion: SCHEMA_VERSION,
      event,
      ...this.about,
      ...members,
    };
    if (event === 'result') line['code'] = this.codeOf(line['code'] as number);
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }

  /** A line for people, always: what is in the way, what is asked. */
  note(line: string): void {
    process.stderr.write(`${sanitizeText(line)}\n`);
  }
}
