/**
 * An export language writes changes as another tool's code, so that they can be read before they
 * are sent and done again without this program. A new one is a file here and a line in `index.ts`.
 */
import type { WorkspaceRef } from '../../azure/types.js';
import type { Change, RegisterModel } from '../../rollout/changes/change.js';
import type { ChangeOf } from '../../rollout/changes/kinds.js';
import { comment } from '../script.js';

export interface CodeContext extends WorkspaceRef {
  /** Environment variables whose values may be written; of all others only the names are. */
  visible?: readonly string[];
  /** Set by a script, whose lines are beside files and after other lines. */
  script?: ScriptContext;
}

/**
 * In a script a workspace is named by variables, and the rollout's own endpoint tags are left out,
 * which mean nothing in another run.
 */
interface ScriptContext {
  /** `az` only: the YAML file beside the script that says the same. */
  file?: string;
  /** The model that the deployment's own lines register, as its version is not known yet. */
  model?: RegisterModel;
  /** MLflow only: by `NAME:VERSION`, the variable that holds the version that it was given. */
  versions?: ReadonlyMap<string, string>;
}

/** Lines of code, or why the tool can't do it. */
export type Code = { lines: string[] } | { notExpressible: string };

/** Exhaustive: a new kind of change is a line here, and the compiler says so. */
export type Words = {
  [K in Change['kind']]: (change: ChangeOf<K>, context: CodeContext) => Code;
};

export interface Language {
  id: string;
  /** As a tab of the preview names it. */
  title: string;
  words: Words;
  /** The script that makes all changes of a rollout, safe to run again. */
  script: {
    what: string;
    /** File name without a folder. */
    name: string;
    /** For a shell. */
    executable?: boolean;
    /** @param fileOf the YAML file for `az ml` that says what a change creates */
    write(
      changes: readonly Change[],
      context: CodeContext,
      fileOf: (change: Change) => string | undefined,
    ): string;
  };
}

/** Thrown where a value has no form in the language; the sentence says so. */
export class NotExpressible extends Error {
  override readonly name = 'NotExpressible';
}

/** Wider than Azure's rule for names, and narrow enough for every place in code. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Endpoints and deployments that a change names; they come from the service. */
function namesIn(change: Change): string[] {
  return [
    ...('endpoint' in change ? [change.endpoint] : []),
    ...('deployment' in change ? [change.deployment] : []),
    ...('to' in change && typeof change.to === 'object'
      ? [...Object.keys(change.to), ...Object.keys(change.from as object)]
      : []),
  ];
}

export function codeFor(language: Language, change: Change, context: CodeContext): Code {
  const odd = namesIn(change).find((name) => !PLAIN_NAME.test(name));
  if (odd !== undefined) {
    return {
      notExpressible: `${JSON.stringify(odd.slice(0, 64))} is not a name that Azure ML accepts, so no code is written with it.`,
    };
  }
  const words = language.words[change.kind] as (each: Change, at: CodeContext) => Code;
  try {
    return words(change, context);
  } catch (error) {
    if (error instanceof NotExpressible) return { notExpressible: error.message };
    throw error;
  }
}

/** Changes as one text, for a screen; what the tool can't do is a comment. */
export const codeText = (
  language: Language,
  changes: readonly Change[],
  context: CodeContext,
): string =>
  changes
    .map((change) => {
      const code = codeFor(language, change, context);
      return 'lines' in code
        ? code.lines.join('\n')
        : comment(`not expressible: ${code.notExpressible}`);
    })
    .join('\n\n');
