/** The settings of all gates together, from the registry. What a plan file may change. */
import { rule, type Common, type Needs } from './gate.js';
import { REGISTRY, type GateName, type RegisteredGate } from './registry.js';

type GateSettings = { [G in RegisteredGate as G['id']]: G['defaults'] };

export interface Gates extends GateSettings {
  /** One-sided probability of a wrong `fail`, over all enforced gates together (Holm). */
  alpha: number;
  /** Gates of which a plan says the mode itself. */
  said?: readonly GateName[];
}

/** An object with a member for each gate. */
const forEachGate = <T>(of: (gate: RegisteredGate) => T): Record<GateName, T> =>
  Object.fromEntries(REGISTRY.map((gate) => [gate.id, of(gate)])) as Record<GateName, T>;

export const GATE_NAMES: readonly GateName[] = REGISTRY.map(({ id }) => id);

/** As tables and sentences call them. */
export const GATE_TITLES: Readonly<Record<GateName, string>> = forEachGate(({ title }) => title);

export const DEFAULT_GATES: Gates = {
  alpha: 0.05,
  ...(forEachGate(({ defaults }) => defaults) as unknown as GateSettings),
};

/** Members that are shares of rows or requests, so shown in percent. */
export const SHARE_MEMBERS: ReadonlySet<string> = new Set(
  REGISTRY.flatMap(({ schema }) =>
    Object.entries(schema).flatMap(([name, each]) => (each === rule.share ? [name] : [])),
  ),
);

const NEEDS = forEachGate(({ needs }): Needs => needs);

/** Whether one of these is what a gate looks at. */
export const gateNeeds = (gate: string, ...any: readonly Needs[]): boolean =>
  any.includes(NEEDS[gate as GateName]);

/** As tables and sentences call a gate, or a check of the plan's own. */
export const gateTitle = (gate: string): string =>
  gate.startsWith('check:')
    ? gate.slice('check:'.length)
    : (REGISTRY.find(({ id }) => id === gate)?.title ?? gate);

export const commonOf = (gates: Gates): Common => ({
  alpha: gates.alpha,
  alphaOfMore: gates.alpha,
  measure: gates.latency.measure,
  modeOf: (gate) => gates[gate as GateName].mode,
  demands: (gate) =>
    gates[gate as GateName].mode === 'enforce' && (gates.said ?? []).some((each) => each === gate),
});
