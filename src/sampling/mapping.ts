/** The table "model wants / CSV has / what to do": how a file's columns become a model's inputs. */
import { grouped } from '../common/counts.js';
import { sameName } from '../common/same-name.js';
import { guessType } from './cast.js';
import { isUnnamed, normalisedName } from './column-names.js';
import { listed, printable } from './input-error.js';
import { checkChoices, type MappingChoices } from './mapping-choices.js';
import type { RowSample } from './sample.js';
import type { Signature, SignatureColumn } from './signature.js';
import { guessTarget, isRowName, type TargetGuess } from './target.js';

/** `leave-out`: an optional input that the CSV does not have. */
type MappingAction = 'use' | 'rename' | 'missing' | 'leave-out' | 'drop' | 'target';

export interface MappingLine {
  /** Absent for a column that the model does not want. */
  wants?: SignatureColumn;
  /** The CSV's column. Absent when it has none. */
  has?: string;
  action: MappingAction;
  /** A few words for the person. */
  because: string;
  /** Ours, not the person's choice, and not self-evident: to be looked at. */
  suggested: boolean;
}

export interface Mapping {
  lines: MappingLine[];
  /** How the request's body is written: by column names, or rows of a tensor. */
  form: 'columns' | 'tensor';
  target?: string;
  /** Set when the target is not certain and the person has not chosen. */
  askTarget?: Extract<TargetGuess, { kind: 'ask' }>;
  /** Sentences that block sending; empty when the mapping can be applied. */
  problems: string[];
}

/** What a mapping needs of a sample; the rows only where the model has no signature. */
interface Table {
  file: Pick<RowSample['file'], 'columns'>;
  rows: RowSample['rows'];
}

/** @throws InputError when a choice names a column that the file or the model does not have. */
export function planMapping(
  signature: Signature | undefined,
  sample: Table,
  choices: MappingChoices = {},
): Mapping {
  const { columns } = sample.file;
  const named = signature && signature.inputs.every((input) => input.name !== undefined);
  checkChoices(columns, named ? signature.inputs : undefined, choices);
  const names = named ? signature.inputs.map((input) => input.name as string) : undefined;
  const takes = named ? undefined : takenByPosition(signature);
  const guess = guessTarget(columns, names && [...names, ...renamedTo(choices)], takes);
  const target = choices.target === undefined ? guessed(guess) : (choices.target ?? undefined);
  const because =
    choices.target === undefined && guess.kind === 'found' ? guess.because : 'your choice';
  const rest = columns.filter((column) => column !== target);
  const matched = named
    ? byName(signature.inputs, rest, choices)
    : byPosition(signature, rest, sample);
  const lines = [...matched.lines];
  if (target !== undefined) {
    const suggested = choices.target === undefined;
    lines.push({ has: target, action: 'target', because, suggested });
  }
  const ask = guess.kind === 'ask' && choices.target === undefined;
  return {
    lines,
    form: matched.form,
    ...(target !== undefined && { target }),
    ...(ask && { askTarget: guess }),
    problems: matched.problems,
  };
}

function renamedTo(choices: MappingChoices): string[] {
  return Object.values(choices.renames ?? {}).filter((column) => column !== null);
}

function guessed(guess: TargetGuess): string | undefined {
  return guess.kind === 'found' ? guess.column : undefined;
}

interface Matched {
  lines: MappingLine[];
  form: 'columns' | 'tensor';
  problems: string[];
}

function byName(
  inputs: readonly SignatureColumn[],
  columns: readonly string[],
  choices: MappingChoices,
): Matched {
  const wanted = new Set(inputs.map((input) => input.name));
  const chosen = new Set(renamedTo(choices));
  // Columns that no input claims by its exact name or by the person's choice, by their loose name.
  const free = new Map<string, Set<string>>();
  for (const column of columns) {
    if (wanted.has(column) || chosen.has(column)) continue;
    const loosely = normalisedName(column);
    free.set(loosely, (free.get(loosely) ?? new Set()).add(column));
  }
  const all = new Set(columns);
  const lines = inputs.map((input): MappingLine => {
    const line = matchOne(input, all, free, choices);
    if (line.has !== undefined) free.get(normalisedName(line.has))?.delete(line.has);
    return line;
  });
  const used = new Set(lines.map((line) => line.has));
  for (const has of columns.filter((column) => !used.has(column))) {
    lines.push({ has, action: 'drop', because: 'not an input of the model', suggested: false });
  }
  return { lines, form: 'columns', problems: problemsOf(lines) };
}

function matchOne(
  input: SignatureColumn,
  columns: ReadonlySet<string>,
  free: ReadonlyMap<string, ReadonlySet<string>>,
  choices: MappingChoices,
): MappingLine {
  const name = input.name as string;
  const choice = choices.renames?.[name];
  if (typeof choice === 'string' && choice !== name) {
    return {
      wants: input,
      has: choice,
      action: 'rename',
      because: 'your choice',
      suggested: false,
    };
  }
  if (choice !== null && columns.has(name)) {
    return { wants: input, has: name, action: 'use', because: 'same name', suggested: false };
  }
  const alike = [...(free.get(normalisedName(name)) ?? [])];
  const [has] = alike;
  // Two columns that are both nearly the input's name: the person decides.
  if (choice === undefined && alike.length === 1 && has !== undefined) {
    const onlyCase = sameName(has, name);
    const because = onlyCase ? 'differs in upper and lower case' : 'nearly the same name';
    return { wants: input, has, action: 'rename', because, suggested: true };
  }
  if (!input.required) {
    return { wants: input, action: 'leave-out', because: 'optional', suggested: false };
  }
  return {
    wants: input,
    action: 'missing',
    because: 'the CSV has no such column',
    suggested: false,
  };
}

/** How many columns a model that names none takes; `undefined`: any number. */
function takenByPosition(signature: Signature | undefined): number | undefined {
  const [first, ...more] = signature?.inputs ?? [];
  if (!first) return undefined;
  if (!first.shape) return 1 + more.length;
  const [, width] = first.shape;
  return width === undefined || width < 0 ? undefined : width;
}

/** The model names no inputs: every column but the target goes in, in the file's order. */
function byPosition(
  signature: Signature | undefined,
  columns: readonly string[],
  sample: Table,
): Matched {
  const [tensor, ...more] = signature?.inputs ?? [];
  const used = columns.filter((column) => !isUnnamed(column));
  const dropped = columns.filter(isUnnamed).map((has): MappingLine => {
    return { has, action: 'drop', because: 'a column without a name', suggested: true };
  });
  if (!signature || !tensor) {
    const positions = new Map(sample.file.columns.map((column, at) => [column, at]));
    const lines = used.map((has): MappingLine => {
      const at = positions.get(has) ?? -1;
      const type = guessType(sample.rows.map((row) => row.cells[at] ?? ''));
      const wants = { name: has, type, typeText: type, required: false, guessed: true };
      return { wants, has, action: 'use', because: 'no signature: all columns', suggested: true };
    });
    return { lines: [...lines, ...dropped], form: 'columns', problems: [] };
  }
  if (!tensor.shape) return byOrder(signature.inputs, used, dropped);
  const lines = used.map((has): MappingLine => {
    const wants = { ...tensor, name: has };
    return { wants, has, action: 'use', because: 'by position', suggested: true };
  });
  return {
    lines: [...lines, ...dropped],
    form: 'tensor',
    problems: tensorProblems(tensor, more.length, used.length),
  };
}

/** Inputs without names are filled in the file's order, as MLflow fills them. */
function byOrder(
  inputs: readonly SignatureColumn[],
  columns: readonly string[],
  unnamed: readonly MappingLine[],
): Matched {
  const counted = columns.filter((column) => !isRowName(column));
  const used = columns.length > inputs.length ? counted : columns;
  const filling = new Set(used);
  const dropped = columns
    .filter((column) => !filling.has(column))
    .map((has): MappingLine => {
      return { has, action: 'drop', because: 'only numbers the rows', suggested: true };
    });
  const lines = inputs.map((input, at): MappingLine => {
    const has = used[at];
    return has === undefined
      ? { wants: input, action: 'missing', because: 'by position', suggested: false }
      : { wants: input, has, action: 'use', because: 'by position', suggested: true };
  });
  const impossible = inputs.find((input) => unfit(input));
  const problems = impossible
    ? [`The model takes ${impossible.typeText}; a CSV cell can't hold it.`]
    : used.length === inputs.length
      ? []
      : [
          `The model takes ${inputs.length} ${inputs.length === 1 ? 'value' : 'values'} a row by ` +
            `position, the CSV has ${used.length} columns beside the target (${listed(used)}). ` +
            `Choose the target, or a CSV with exactly those columns.`,
        ];
  return { lines: [...lines, ...dropped, ...unnamed], form: 'columns', problems };
}

function tensorProblems(tensor: SignatureColumn, more: number, columns: number): string[] {
  const [, width, ...deeper] = tensor.shape ?? [];
  if (more > 0 || !tensor.shape || deeper.length > 0 || tensor.type === 'other') {
    return [`The model takes ${tensor.typeText}; rows of a CSV can't fill that.`];
  }
  if (width === undefined && columns !== 1) {
    return [`The model takes one value a row, the CSV has ${columns} columns beside the target.`];
  }
  if (width !== undefined && width >= 0 && width !== columns) {
    return [
      `The model takes ${width} values a row, the CSV has ${columns} columns beside the target. ` +
        `Choose the target, or a CSV with exactly those columns.`,
    ];
  }
  return [];
}

/** A model may have thousands of columns. */
const SHOWN_PROBLEMS = 5;

function problemsOf(lines: readonly MappingLine[]): string[] {
  const problems: string[] = [];
  const impossible = new Set(
    lines.filter(
      (line) => line.wants && unfit(line.wants) && (line.has !== undefined || line.wants.required),
    ),
  );
  // No column could be renamed to one of these.
  const missing = lines.filter((line) => line.action === 'missing' && !impossible.has(line));
  if (missing.length > 0) {
    problems.push(
      `The CSV lacks ${listed(missing.map((line) => line.wants?.name ?? ''))}, which the model ` +
        `requires. Rename a column to it, or choose another CSV.`,
    );
  }
  const unheld = [...impossible];
  for (const { wants } of unheld.slice(0, SHOWN_PROBLEMS)) {
    problems.push(
      `The model's ${printable(wants?.name ?? '')} is ${wants?.typeText}; a CSV cell can't hold it.`,
    );
  }
  const more = unheld.length - SHOWN_PROBLEMS;
  if (more > 0)
    problems.push(`A CSV cell can't hold ${grouped(more)} more of the model's columns either.`);
  return problems;
}

/** A cell fills a tensor of one value a row: shapes [-1] and [-1, 1]. */
function unfit(input: SignatureColumn): boolean {
  const values = (input.shape ?? []).slice(1).reduce((product, length) => product * length, 1);
  return input.type === 'other' || values !== 1;
}
