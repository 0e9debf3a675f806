/** Whether a file's rows can be sent to a model, told from its header, before anything is paid for. */
import { basename } from 'node:path';
import { readHeader } from './table-reader.js';
import { printable } from './input-error.js';
import { planMapping, type Mapping } from './mapping.js';
import type { MappingChoices } from './mapping-choices.js';
import type { Signature } from './signature.js';

/**
 * Sentences that say what is in the way; empty when rows can be sent. Cells are not looked at.
 * @throws InputError where the file can't be read, or a choice names a column that is not there.
 */
export async function tableProblems(
  path: string,
  signature: Signature | undefined,
  choices: MappingChoices = {},
): Promise<string[]> {
  const { columns } = await readHeader(path);
  const mapping = planMapping(signature, { file: { columns }, rows: [] }, choices);
  return mappingProblems(mapping, basename(path));
}

/** What a plan says of columns, as choices: a target of `-` is no target, as in the wizard. */
export const plannedChoices = ({
  target,
  renames,
}: {
  target?: string | undefined;
  renames?: Record<string, string> | undefined;
}): MappingChoices => ({
  ...(target !== undefined && { target: target === '-' ? null : target }),
  ...(renames && { renames }),
});

/** The same of a mapping that is known. */
export function mappingProblems({ askTarget, problems }: Mapping, name: string): string[] {
  if (askTarget) return [targetQuestion(name, askTarget)];
  return problems.length === 0 ? [] : [`${printable(name)} does not fit the model.`, ...problems];
}

function targetQuestion(name: string, { candidates, because }: NonNullable<Mapping['askTarget']>) {
  const some = candidates.slice(0, 5).map((column) => printable(column));
  return (
    `Which column of ${printable(name)} is the target (${because})? Name it in the plan as ` +
    `evidence.target, or "-" for none; it may be ${some.join(' or ')}${candidates.length > some.length ? ', or another' : ''}.`
  );
}
