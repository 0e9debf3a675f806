/**
 * What a number of rows can prove at best, asked before green is created and paid for: whoever sends
 * 44 rows has to know that they can't prove a limit of 1 pp.
 */
import { grouped, rowsOf } from '../../common/counts.js';
import type { GateMode, Reach, ReplayGate } from './gates/gate.js';
import { REGISTRY, type GateName } from './gates/registry.js';
import { commonOf, DEFAULT_GATES, type Gates } from './gates/settings.js';

/** What may be done about rows that are too few. */
type Remedy =
  | { do: 'more-rows'; rows: number }
  /** Another limit that so many rows can prove: `gates.errors.margin`, as a plan has it. */
  | { do: 'limit'; gate: GateName; setting: string; value: number }
  | { do: 'warn'; gate: GateName }
  | { do: 'override'; gate: GateName };

interface Provable {
  gate: GateName;
  mode: GateMode;
  rows: number;
  /** Whether so many rows prove the limit when none of them shows harm. */
  proves: boolean;
  /** Rows that prove it so; absent: no number does. */
  needed?: number;
  /** As tables show it. */
  limit: string;
  /** The tightest limit that the rows prove, in the unit of the plan; absent: none. */
  best?: number;
  /** One sentence. */
  why: string;
  /** None where it can be proved, or is not enforced. */
  choices: Remedy[];
}

// Each gate is handed its own settings, which the compiler can't follow through the list.
const GATES = REGISTRY as readonly unknown[] as readonly ReplayGate<GateName>[];

/**
 * @param rows that can be sent: those of the file. @param withTruth whether it has a target
 * @returns one for each gate that is not off and needs a number of rows, in the order of the tables
 */
export function provable(
  rows: number,
  gates: Gates = DEFAULT_GATES,
  { withTruth = true }: { withTruth?: boolean } = {},
): Provable[] {
  const common = commonOf(gates);
  return GATES.flatMap((gate) => {
    const settings = gates[gate.id];
    if (settings.mode === 'off' || !gate.reach) return [];
    if (gate.needs === 'target' && !withTruth) return [];
    return [provableOf(gate.id, settings.mode, rows, gate.reach(rows, settings, common))];
  });
}

/** Where traffic would be held for want of rows: gates that are enforced and can't be proved. */
export const unprovable = (all: readonly Provable[]): Provable[] =>
  all.filter(({ mode, proves }) => mode === 'enforce' && !proves);

function provableOf(gate: GateName, mode: GateMode, rows: number, reach: Reach): Provable {
  const { needed, limit, best, setting } = reach;
  const proves = needed !== undefined && rows >= needed;
  const value = best === undefined || best >= 1 ? undefined : roundUp(best);
  const choices: Remedy[] =
    proves || mode !== 'enforce'
      ? []
      : [
          ...(needed === undefined ? [] : [{ do: 'more-rows' as const, rows: needed }]),
          ...(value === undefined || setting === undefined
            ? []
            : [{ do: 'limit' as const, gate, setting, value }]),
          { do: 'warn', gate },
          { do: 'override', gate },
        ];
  return {
    gate,
    mode,
    rows,
    proves,
    ...(needed !== undefined && { needed }),
    limit,
    ...(value !== undefined && { best: value }),
    why: sentence(rows, reach, proves, value),
    choices,
  };
}

function sentence(
  rows: number,
  { what, limit, needed, shown }: Reach,
  proves: boolean,
  best: number | undefined,
): string {
  const can = `${rowsOf(rows)} ${proves ? 'can' : 'cannot'} prove ${what} ≤ ${limit}`;
  if (proves) return `${can}: ${grouped(needed ?? rows)} are enough when none shows harm.`;
  const enough = needed === undefined ? 'no number of rows can' : `${grouped(needed)} needed`;
  const with_ = best === undefined ? '' : `; with these rows: ${shown(best)}`;
  return `${can}: ${enough}${with_}.`;
}

/** To a tenth of a percent, upwards: a limit just below what is proved would not be. */
const roundUp = (share: number): number => Math.ceil(share * 1000 - 1e-9) / 1000;
