/** A dialect says a change in another tool's words, so that it can be read before it is sent. */
import type { WorkspaceRef } from '../azure/types.js';
import type { Change, RegisterModel } from '../rollout/changes/change.js';
import type { ChangeOf } from '../rollout/changes/kinds.js';

export interface DialectContext extends WorkspaceRef {
  /** Set by a script, whose lines stand beside files and after other lines. */
  script?: ScriptContext;
}

/**
 * In a script a workspace is named by variables, and the rollout's own endpoint tags are left out,
 * which mean nothing in another run.
 */
export interface ScriptContext {
  /** `az` only: the YAML file beside the script that says the same. */
  file?: string;
  /** The model that the deployment's own lines register, as its version is not known yet. */
  model?: RegisterModel;
  /** MLflow only: by `NAME:VERSION`, the variable that holds the version that it was given. */
  versions?: ReadonlyMap<string, string>;
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
