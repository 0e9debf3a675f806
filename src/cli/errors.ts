/** What a command says, and with which code it ends, when something is in the way. */
import type { AzureFailure } from '../azure/types.js';
import { CODE } from './exit-codes.js';

/** The whole sentence for a person, and how the command ends. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    message: string,
    readonly exitCode: number = CODE.usage,
  ) {
    super(message);
  }
}

/** The failure an error carries, whichever room it comes from; `undefined` for a fault of ours. */
export function failureIn(error: unknown): AzureFailure | undefined {
  if (!(error instanceof Error) || !('failure' in error)) return undefined;
  const { failure } = error;
  return typeof failure === 'object' && failure !== null ? (failure as AzureFailure) : undefined;
}

/** `otherwise`: the code of failures that have none of their own. */
function codeOf({ kind }: AzureFailure, otherwise: number): number {
  switch (kind) {
    case 'sign-in':
    case 'forbidden':
    case 'policy':
    case 'quota':
      return CODE.authOrQuota;
    case 'drift':
    case 'conflict':
      return CODE.drift;
    case 'cancelled':
      return CODE.interrupted;
    default:
      return otherwise;
  }
}

function failureLines(failure: AzureFailure): string[] {
  return [
    `${failure.what}: ${failure.message}`,
    failure.advice,
    ...(failure.correlationId ? [`correlation ${failure.correlationId}`] : []),
  ];
}

/** Names of errors whose message is a sentence for a person. */
const SENTENCES = new Set(['ProfileError', 'JournalError']);

/**
 * Lines and code for anything a command rejects with; `undefined` for a fault of this program.
 * @param otherwise the code of failures that have none of their own
 */
export function ending(
  error: unknown,
  otherwise: number,
): { lines: string[]; code: number } | undefined {
  if (error instanceof CommandError) return { lines: [error.message], code: error.exitCode };
  if (!(error instanceof Error)) return undefined;
  const failure = failureIn(error);
  if (failure) return { lines: failureLines(failure), code: codeOf(failure, otherwise) };
  if (error.name === 'StoppedWaiting' || error.name === 'AbortError') {
    const said = error.name === 'StoppedWaiting' ? error.message : 'Stopped. Nothing was sent.';
    return { lines: [said], code: CODE.interrupted };
  }
  if (error.name === 'GuardError') return { lines: [error.message], code: otherwise };
  return SENTENCES.has(error.name) ? { lines: [error.message], code: CODE.usage } : undefined;
}
