/** Prints rows of `status --all`: as they come, on a terminal that is watched in place, or only what changed. */
import { sanitizeLine } from '../common/sanitize.js';
import { sizeOf } from '../terminal/size.js';
import type { EndpointRow } from './endpoint-row.js';
import { CODE } from './exit-codes.js';
import type { Printer } from './output.js';

/** The worst first: what could not be read may be anything. */
const WORST = [
  CODE.authOrQuota,
  CODE.held,
  CODE.usage,
  CODE.stopped,
  CODE.drift,
  CODE.approval,
  CODE.attention,
  CODE.done,
] as const;
const REDRAW_MS = 500;

interface Column {
  title: string;
  width: number;
  of(row: EndpointRow): string | undefined;
}
const COLUMNS: readonly Column[] = [
  { title: 'WORKSPACE', width: 18, of: ({ workspace }) => workspace },
  { title: 'ENDPOINT', width: 24, of: ({ endpoint }) => endpoint },
  { title: 'BLUE', width: 18, of: ({ blue }) => blue },
  { title: 'GREEN', width: 18, of: ({ green }) => green },
  { title: 'WEIGHT', width: 6, of: ({ weight }) => (weight === undefined ? weight : `${weight}%`) },
];
/** On a terminal with fewer columns names give way to the state. */
const ALL_FIT = 120;
const NARROW: Readonly<Record<string, number>> = { WORKSPACE: 14, ENDPOINT: 20, WEIGHT: 6 };
const SOME = COLUMNS.flatMap((each) => {
  const width = NARROW[each.title];
  return width === undefined ? [] : [{ ...each, width, of: shortened(each.of, width) }];
});

function shortened(of: Column['of'], width: number): Column['of'] {
  return (row) => {
    const name = of(row);
    return name !== undefined && name.length > width ? `${name.slice(0, width - 1)}…` : name;
  };
}

const headerOf = (shown: readonly Column[]): string =>
  [...shown.map(({ title, width }) => title.padEnd(width)), 'STATE'].join('  ');

const lineOf = (row: EndpointRow, shown: readonly Column[]): string =>
  [
    ...shown.map(({ width, of }) => sanitizeLine(of(row) ?? '-').padEnd(width)),
    sanitizeLine(row.message),
  ].join('  ');

const keyOf = ({ workspace, endpoint = '' }: EndpointRow): string =>
  JSON.stringify([workspace, endpoint]);

export class RowList {
  /** Of this round. */
  #rows = new Map<string, EndpointRow>();
  /** What was printed of each row, where only changes are printed. */
  readonly #printed = new Map<string, string>();
  readonly #problems = new Set<string>();
  readonly #inPlace: boolean;
  #round = 1;
  #drawnAt = -Infinity;

  constructor(
    private readonly out: Printer,
    private readonly options: { watch: boolean },
  ) {
    this.#inPlace = options.watch && !out.json && process.stdout.isTTY;
  }

  /** A journal that can't be read, once: what it would say of its endpoint is not known. */
  problem(text: string): void {
    if (!this.#problems.has(text)) this.out.note(text);
    this.#problems.add(text);
  }

  add(row: EndpointRow): void {
    const key = keyOf(row);
    this.#rows.set(key, row);
    if (!this.#inPlace) return this.#print(key, row);
    const due = performance.now() - this.#drawnAt > REDRAW_MS;
    if (this.#round === 1 && due) this.#draw();
  }

  roundEnds(): void {
    if (this.#inPlace) this.#draw();
    else {
      for (const key of [...this.#printed.keys()].filter((each) => !this.#rows.has(each))) {
        const [workspace = '', endpoint = ''] = JSON.parse(key) as string[];
        this.#printed.delete(key);
        const message = 'no longer there';
        const gone = { workspace, endpoint, state: 'none', message, code: CODE.done } as const;
        if (endpoint !== '') this.#show(gone);
      }
    }
    this.#round += 1;
    if (this.options.watch) this.#rows = new Map();
  }

  /** Says how many there are; the worst exit code of all. */
  summary(): number {
    const rows = [...this.#rows.values()];
    const unknown = this.#problems.size > 0 ? [CODE.usage] : [];
    const codes: readonly number[] = [...unknown, ...rows.map((row) => row.code)];
    const code = WORST.find((each) => codes.includes(each)) ?? CODE.done;
    const journals = unknown.length > 0 ? ' Not all journals are readable.' : '';
    const message = `${summaryOf(rows)}${journals}`;
    this.out.say(message);
    this.out.event({ event: 'result', code, message });
    return code;
  }

  #print(key: string, row: EndpointRow): void {
    const text = lineOf(row, COLUMNS);
    if (this.#printed.get(key) === text) return;
    if (this.#printed.size === 0) this.out.say(headerOf(COLUMNS));
    this.#printed.set(key, text);
    this.#show(row);
  }

  #show(row: EndpointRow): void {
    const { code: _, ...members } = row;
    this.out.say(lineOf(row, COLUMNS));
    this.out.event({ event: 'endpoint', ...members });
  }

  /** What needs a person first, as many rows as the terminal has lines for. */
  #draw(): void {
    if (this.#drawnAt === -Infinity) process.stdout.write('\x1b[2J');
    this.#drawnAt = performance.now();
    const { columns: width, rows: height } = sizeOf(process.stdout);
    const shown = width < ALL_FIT ? SOME : COLUMNS;
    const all = [...this.#rows.values()].sort(
      (a, b) =>
        WORST.indexOf(a.code as (typeof WORST)[number]) -
          WORST.indexOf(b.code as (typeof WORST)[number]) ||
        Number(a.state === 'none') - Number(b.state === 'none') ||
        (lineOf(a, COLUMNS) < lineOf(b, COLUMNS) ? -1 : 1),
    );
    const room = Math.max(1, height - 4);
    const more = all.length > room ? [`and ${all.length - room} more`] : [];
    const time = new Date().toTimeString().slice(0, 8);
    const lines = [
      `${time}  ${summaryOf(all)}`,
      headerOf(shown),
      ...all.slice(0, room).map((row) => lineOf(row, shown)),
      ...more,
    ];
    const drawn = lines.map((line) => `${[...line].slice(0, width).join('')}\x1b[K\n`).join('');
    process.stdout.write(`\x1b[H${drawn}\x1b[J`);
  }
}

function summaryOf(rows: readonly EndpointRow[]): string {
  const endpoints = rows.filter(({ endpoint }) => endpoint !== undefined).length;
  const count = (some: number, one: string, many = one): string[] =>
    some === 0 ? [] : [`${some} ${some === 1 ? one : many}`];
  const of = (...states: EndpointRow['state'][]): number =>
    rows.filter(({ state }) => states.includes(state)).length;
  return `${[
    `${endpoints} ${endpoints === 1 ? 'endpoint' : 'endpoints'}`,
    ...count(of('under-way'), 'rollout under way', 'rollouts under way'),
    ...count(of('approval'), 'waits for approval', 'wait for approval'),
    ...count(of('gate-failed'), 'gate failed', 'gates failed'),
    ...count(of('changed'), 'changed by someone else'),
    ...count(rows.filter((row) => row.unwatchedMinutes !== undefined).length, 'unwatched'),
    ...count(
      rows.filter((row) => row.keptBlue?.overdue).length,
      'kept blue overdue',
      'kept blues overdue',
    ),
    ...count(of('unreadable'), 'not readable'),
  ].join(', ')}.`;
}
