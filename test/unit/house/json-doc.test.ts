/** docs/json.md lists the events that are printed, the exit codes and the gates, and no others. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tellEvent, type PassingEvent } from '../../../src/cli/event-words.js';
import { CODE } from '../../../src/cli/exit-codes.js';
import { Printer, SCHEMA_VERSION, type EventName } from '../../../src/cli/output.js';
import { REGISTRY } from '../../../src/rollout/evidence/gates/registry.js';
import type { MoveEvent } from '../../../src/rollout/moves/events.js';
import { SIGNAL_EXIT } from '../../../src/terminal/exit-codes.js';

const page = readFileSync(new URL('../../../docs/json.md', import.meta.url), 'utf8');
/** The text below a heading, until the next one of any level. */
const section = (heading: string): string =>
  page.split(`\n${heading}\n`)[1]?.split(/\n#+ /)[0] ?? '';
const firstCells = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|')[1]!.trim());

/** The compiler asks for every member of both unions: a new event does not build without a line here. */
const PRINTED: Record<EventName, true> = {
  plan: true,
  sending: true,
  confirmed: true,
  failed: true,
  log: true,
  adopted: true,
  waiting: true,
  tested: true,
  differing: true,
  verdict: true,
  more: true,
  loading: true,
  loaded: true,
  mirroring: true,
  mirrored: true,
  probed: true,
  holding: true,
  watched: true,
  aborting: true,
  aborted: true,
  note: true,
  status: true,
  endpoint: true,
  finding: true,
  written: true,
  result: true,
};
const NOT_PRINTED: { [K in PassingEvent]: Extract<MoveEvent, { event: K }> } = {
  progress: { event: 'progress', progress: { stage: 'sent', operation: {} as never } },
  count: { event: 'count', done: 1, total: 2, unit: 'rows' },
  doing: { event: 'doing', title: 'x' },
  live: { event: 'live', live: {} as never },
  probing: { event: 'probing', sent: 1, p: 1 },
};

describe('docs/json.md', () => {
  it('has a heading for each event that is printed', () => {
    const headings = [...page.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1]!);
    expect(headings.toSorted()).toEqual(Object.keys(PRINTED).toSorted());
    for (const heading of headings) {
      expect(firstCells(section(`### \`${heading}\``)).length).toBeGreaterThan(2);
    }
  });

  it('has every exit code', () => {
    const codes = firstCells(section('## Exit codes')).flatMap((cell) => cell.match(/\d+/g) ?? []);
    const signals = Object.values(SIGNAL_EXIT);
    const all = [...new Set([...Object.values(CODE), ...signals])].map(String);
    expect(codes.toSorted()).toEqual(all.toSorted());
  });

  it('has the numbers of every gate but the contract, which measures nothing', () => {
    const documented = firstCells(section('### `verdict`')).flatMap((cell) =>
      [...cell.matchAll(/`(\w+)`/g)].map((match) => match[1]!),
    );
    const gates = REGISTRY.map(({ id }) => id as string);
    const named = documented.filter((each) => gates.includes(each));
    expect(named.toSorted()).toEqual(gates.filter((id) => id !== 'contract').toSorted());
  });

  it('has the version that is printed', () => {
    expect(page).toContain(`\`schemaVersion\` (${SCHEMA_VERSION})`);
  });
});

describe('a line of JSON', () => {
  afterEach(() => vi.restoreAllMocks());
  const printed = (json: boolean, ...events: MoveEvent[]): string[] => {
    const lines: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    for (const event of events) tellEvent(new Printer(json), event);
    vi.restoreAllMocks();
    return lines;
  };

  it('begins with the version of its schema and its event', () => {
    const event = { event: 'confirmed', title: 'set traffic x=10', seconds: 1.5 } as const;
    expect(printed(true, event)).toEqual([
      '{"schemaVersion":1,"event":"confirmed","title":"set traffic x=10","seconds":1.5}\n',
    ]);
  });

  it('is not printed of how far something is, nor beside sentences', () => {
    expect(printed(true, ...Object.values(NOT_PRINTED))).toEqual([]);
    const [line] = printed(false, { event: 'note', message: 'a sentence' });
    expect(line).toBe('note     a sentence\n');
  });
});
