/**
 * A model before it is used: flavors, signature, what differs from blue's, findings.
 *
 * What may stop its container, or break callers, is never what gives way on a small terminal.
 */
import { Box } from 'ink';
import type { Column, ModelLook } from '../../src/wizard/effects/models.js';
import { signatureDifferences } from '../../src/wizard/signature-differences.js';
import { isRegistered } from '../../src/wizard/steps/model-list.js';
import type { ModelScreenState, ModelSubject } from '../../src/wizard/steps/model-subject.js';
import type { Glyphs } from '../../src/terminal/glyphs.js';
import type { Tone } from '../../src/terminal/theme.js';
import { namedLines } from './blocks.js';
import { widths, wrapped } from './columns.js';
import type { Room } from './context.js';
import { As, clean, Line } from './line.js';

interface Told {
  text: string;
  is?: Tone;
}

const BLANK: Told = { text: '' };

/** Of names, at most. */
const LABEL = 24;
const NARROW_LABEL = 10;
const NARROW = 72;
/** Rows of a finding, and of where a model is. */
const MOST_ROWS = 3;
/** The blank rows, and the row of what Enter does. */
const AROUND = 4;

function titleOf(subject: ModelSubject): string {
  switch (subject.kind) {
    case 'version':
      return `${subject.model} version ${subject.version}, registered`;
    case 'registry':
      return `${subject.id}, served from there: nothing is registered`;
    case 'folder':
      return `${subject.folder}, to be registered as ${subject.model}`;
    case 'uri':
      return `${subject.uri}, to be registered as ${subject.model}`;
  }
}

const columnsOf = (list: readonly Column[]): string =>
  list.map((column) => `${column.name} ${column.type}`).join(', ') || 'none named';

/** In so many rows: of many inputs without their types, or only their number. */
function inputsIn(inputs: readonly Column[], width: number, most: number): string[] {
  const ways = [columnsOf(inputs), inputs.map(({ name }) => name).join(', ')]
    .map((text) => wrapped(clean(text), width))
    .filter((lines) => lines.length <= most);
  return ways[0] ?? [inputs.length === 0 ? 'none named' : `${inputs.length} columns`];
}

/** Beside a value, the one of blue's model where it is another. */
export const than = (own: string, blue: string | undefined): string =>
  blue === undefined || blue === own ? own : `${own} (blue: ${blue})`;

/** A column of labels, and beside a value the one of blue's model where it is another. */
function factsOf(
  look: ModelLook,
  blue: ModelLook | undefined,
  width: number,
  room: number,
): string[] {
  const metadata = Object.entries(look.metadata).map(
    ([name, value]) => [name, than(value, blue?.metadata[name])] as const,
  );
  const narrow = width < NARROW;
  const [widest = 0] = widths(
    metadata.map(([name]) => [name]),
    LABEL,
  );
  // Names of figures are long: on a narrow terminal they have a column of their own.
  const label = narrow ? NARROW_LABEL : Math.max(NARROW_LABEL, widest);
  const told = (name: string, value: string, column = label): string[] =>
    namedLines(name, wrapped(clean(value), width - column - 4), column);
  const flavors = told('flavors', than(look.flavors.join(', '), blue?.flavors.join(', ')));
  const others = [
    ...told('returns', columnsOf(look.outputs)),
    ...metadata.flatMap(([name, value]) => told(name, value, narrow ? widest : label)),
  ];
  const left = room - flavors.length - others.length;
  const takes = inputsIn(look.inputs, width - label - 4, left);
  return [...flavors, ...namedLines('takes', takes, label), ...others];
}

/** One after the other, as far as they fit; then how many do not. */
function fitting(all: readonly Told[][], room: number): Told[] {
  const shown: Told[] = [];
  for (const [at, told] of all.entries()) {
    const last = at === all.length - 1 ? 0 : 1;
    if (at > 0 && shown.length + told.length + last > room) {
      return [...shown, { text: `   and ${all.length - at} more`, is: 'muted' }];
    }
    shown.push(...told);
  }
  return shown;
}

function findingsOf({ findings }: ModelLook, width: number, glyphs: Glyphs): Told[][] {
  const worstFirst = [...findings].sort(
    (a, b) => Number(b.level === 'error') - Number(a.level === 'error'),
  );
  return worstFirst.map(({ level, text, advice }) => {
    const error = level === 'error';
    return wrapped(`${text} ${advice}`, width - 6)
      .slice(0, MOST_ROWS)
      .map((line, at): Told => {
        const sign = at > 0 ? ' ' : error ? glyphs.fail : glyphs.warning;
        return { text: `   ${sign} ${line}`, is: error ? 'fail' : 'warning' };
      });
  });
}

/** Beside blue's model, where there is one. */
function comparedWith(blue: ModelLook, look: ModelLook, glyphs: Glyphs): Told[][] {
  const differences = signatureDifferences(blue, look);
  const head =
    differences.length === 0
      ? { text: ` ${glyphs.pass} same signature as blue's model`, is: 'pass' as const }
      : {
          text: ` ${glyphs.warning} signature differs from blue's model in ${differences.length}`,
          is: 'warning' as const,
        };
  const same = blue.modelUuid !== undefined && blue.modelUuid === look.modelUuid;
  return [
    ...(same
      ? [[{ text: ` ${glyphs.warning} same content as blue's model`, is: 'warning' as const }]]
      : []),
    [head],
    ...differences.map((line): Told[] => [{ text: `   ${line}`, is: 'warning' }]),
  ];
}

function unreadOf(why: string, width: number, glyphs: Glyphs): Told[] {
  const text = `Flavors and signature are unknown: ${why}. The contract gate compares answers only.`;
  return wrapped(text, width - 4).map((line, at) => ({
    text: ` ${at === 0 ? glyphs.warning : ' '} ${line}`,
    is: 'warning',
  }));
}

const NOTHING_FOUND = 'nothing found that would stop its container on Azure';

/** What was read, in so many rows: facts, beside blue's model, and findings below a blank row. */
function lookLines(
  look: ModelLook,
  blue: ModelLook | undefined,
  { width, height: room }: Room,
  glyphs: Glyphs,
): Told[] {
  const found = findingsOf(look, width, glyphs);
  const compared = blue ? comparedWith(blue, look, glyphs) : [];
  // One fact at least; of the rest, half for findings, and for the comparison what they leave.
  const rest = room - 1;
  const least = Math.min(compared.length, Math.floor(rest / 2));
  const findings: Told[] =
    found.length === 0
      ? [{ text: ` ${glyphs.pass} ${NOTHING_FOUND}`, is: 'pass' }]
      : fitting(found, rest - least);
  const beside = fitting(compared, rest - findings.length);
  const left = Math.max(1, room - findings.length - beside.length);
  const facts = factsOf(look, blue, width, left).slice(0, left);
  return [...facts.map((line) => ({ text: ` ${line}` })), ...beside, BLANK, ...findings];
}

/** All of the review, down to what Enter does. */
export function reviewLines(screen: ModelScreenState, room: Room, glyphs: Glyphs): Told[] {
  const { look, subject, liveLook, unread = 'nothing was read' } = screen;
  if (!subject) return [];
  const { width, height } = room;
  const title = wrapped(clean(titleOf(subject)), width - 2).slice(0, MOST_ROWS);
  const left = { width, height: height - title.length - AROUND };
  const action = isRegistered(subject) ? 'Use it' : 'Register it';
  return [
    ...title.map((line) => ({ text: ` ${line}` })),
    BLANK,
    ...(look ? lookLines(look, liveLook, left, glyphs) : unreadOf(unread, width, glyphs)),
    BLANK,
    { text: ` ${glyphs.pointer} ${action}`, is: 'focus' },
  ];
}

export const ModelReview = ({ lines }: { lines: readonly Told[] }) => (
  <Box flexDirection="column">
    {lines.map(({ text, is }, at) => (
      <Line key={at}>{is ? <As is={is}>{text}</As> : text}</Line>
    ))}
  </Box>
);
