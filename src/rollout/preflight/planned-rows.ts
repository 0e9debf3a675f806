/** The plan's rows: whether they can be read, and fill the inputs of the model. */
import { grouped, rowsOf } from '../../common/counts.js';
import type { Deployment } from '../../azure/types.js';
import { InputError } from '../../sampling/input-error.js';
import { leftOutNote } from '../../sampling/left-out.js';
import { plannedChoices } from '../../sampling/check-table.js';
import { planMapping } from '../../sampling/mapping.js';
import { prepareRows } from '../../sampling/prepare.js';
import { type Signature } from '../../sampling/signature.js';
import { failureOf } from '../errors.js';
import { drawRows } from '../open-rows.js';
import type { PreflightFinding } from './finding.js';
import type { Work } from './planned-work.js';
import { fail } from './finding.js';

/** The plan's rows: can they be read, is the target known, does it fill the model's inputs. */
export async function rowFindings(
  { plan, folder, workspace, signal }: Work,
  signature: Signature | undefined,
  blue: Deployment | undefined,
): Promise<PreflightFinding[]> {
  const { evidence } = plan;
  if (!evidence) return [];
  const { csv, seed, keepDefaultNa = true } = evidence;
  const what = 'rows';
  try {
    const place = { folder, workspace, blue, now: Date.now() };
    const sample = await drawRows(csv, place, {
      rows: evidence.rows,
      seed,
      ...(signal && { signal }),
    });
    const mapping = planMapping(signature, sample, plannedChoices(evidence));
    if (mapping.askTarget) {
      const { candidates } = mapping.askTarget;
      return [
        fail(
          what,
          `Which column of ${sample.file.name} is the target?`,
          `Name it in the plan as evidence.target; it may be ${candidates.join(' or ')}.`,
        ),
      ];
    }
    if (mapping.problems.length > 0) {
      return mapping.problems.map((problem) => fail(what, `${sample.file.name}: ${problem}`));
    }
    const prepared = prepareRows(sample, mapping, { keepDefaultNa });
    const [failure] = prepared.failures;
    const leftOut = leftOutNote(sample.file);
    if (prepared.rows.length === 0) {
      return [fail(what, failure?.message ?? `${sample.file.name} has no rows.`)];
    }
    return [
      {
        state: failure ? 'warn' : 'ok',
        what,
        detail: failure
          ? `${grouped(prepared.failures.length)} cells of ${sample.file.name} do not fit the model; their rows are left out. ${failure.message}`
          : `${sample.file.name}: ${grouped(prepared.rows.length)} of ${rowsOf(sample.file.rows)} are sent`,
      },
      ...(leftOut === undefined ? [] : [{ state: 'warn' as const, what, detail: leftOut }]),
      ...(sample.file.rows < evidence.rows
        ? [
            {
              state: 'warn' as const,
              what,
              detail: `The plan asks for ${rowsOf(evidence.rows)}, and ${sample.file.name} has ${grouped(sample.file.rows)}.`,
              advice: 'Gates may stay inconclusive: use a longer file, or wider limits.',
            },
          ]
        : []),
    ];
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof InputError) return [fail(what, error.message)];
    return [fail(what, failureOf(error, what).message)];
  }
}
