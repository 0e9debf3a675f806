/** A deployment's log: written as things happen, read as the text that getLogs answers. */
import type { DeploymentLog, PhaseState } from '../endpoint-record.js';

type StartPhase = keyof DeploymentLog['phases'];
export type ContainerType = 'InferenceServer' | 'StorageInitializer';

/** Azure keeps a container's last lines too; more would only make the state file grow. */
const KEPT_LINES = 1_000;

export class ContainerLog {
  readonly #log: () => DeploymentLog;
  readonly #now: () => number;
  readonly #changed: () => void;

  /**
   * @param log where to write, asked at each write
   * @param changed called after each write but those of request lines
   */
  constructor(log: () => DeploymentLog, now: () => number, changed: () => void) {
    this.#log = log;
    this.#now = now;
    this.#changed = changed;
  }

  phase(name: StartPhase, state: PhaseState): void {
    this.#log().phases[name] = state;
    this.#changed();
  }

  event(name: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    this.#log().events.push(
      `Kind: Pod, Name: ${name}, Type: ${type}, Time: ${eventTime(this.#now())}, Message: ${message}`,
    );
    this.#changed();
  }

  server(message: string, level: 'I' | 'W' | 'E' = 'I'): void {
    keep(this.#log().server, `${lineTime(this.#now())} ${level} ${message}`);
    this.#changed();
  }

  /** One scored request: status and time, never what was in it. */
  request(method: string, path: string, status: number, ms: number, requestId: string): void {
    keep(
      this.#log().server,
      `${lineTime(this.#now())} I azmlinfsrv - ${method} ${path} ${status} ${ms.toFixed(3)}ms ${requestId}`,
    );
  }

  initializer(message: string): void {
    keep(this.#log().initializer, `${lineTime(this.#now())} ${message}`);
    this.#changed();
  }
}

/** The text as recorded from the service: phases, events, then the container's last lines. */
export function logText(log: DeploymentLog, container: ContainerType, tail: number): string {
  const lines = container === 'InferenceServer' ? log.server : log.initializer;
  const last = tail > 0 ? lines.slice(-tail) : [];
  return [
    'Instance status:',
    ...Object.entries(log.phases).map(([phase, state]) => `${phase}: ${state}`),
    '',
    'Container events:',
    ...log.events,
    '',
    'Container logs:',
    ...last,
    '',
  ].join('\n');
}

function keep(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > KEPT_LINES) lines.splice(0, lines.length - KEPT_LINES);
}

/** `20220519-03:11:59.750675`: microseconds, of which the clock has three digits. */
function eventTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 23)}000`;
}

/** `2022-05-19 03:11:59,750`. */
function lineTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ').replace('.', ',');
}
