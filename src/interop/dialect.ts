/** A dialect says a change in another tool's words, so that it can be read before it is sent. */
import type { WorkspaceRef } from '../azure/types.js';
import type { Change } from '../rollout/changes/change.js';
import type { ChangeOf } from '../rollout/changes/kinds.js';

export interface DialectContext extends WorkspaceRef {
  /** `az` only: names the workspace by `$SUBSCRIPTION` and so on, as a script does. */
  variables?: boolean;
  /** Leaves the rollout's own endpoint tags out, which mean nothing in another run. */
  withoutTags?: boolean;
}

/** Lines of code, or why the tool has no words for it. */
export type Code = { lines: string[] } | { notExpressible: string };

/** Exhaustive: a new kind of change is a line here, and the compiler says so. */
export type Dialect = {
  [K in Change['kind']]: (change: ChangeOf<K>, context: DialectContext) => Code;
};

export function say(dialect: Dialect, change: Change, context: DialectContext): Code {
  const speak = dialect[change.kind] as (each: Change, at: DialectContext) => Code;
  return speak(change, context);
}
