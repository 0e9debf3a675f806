/** Failures that are told in a sentence. */

/** What a person is told in a sentence instead of a stack trace; `exitCode` as documented. */
export class SandboxProblem extends Error {
  override name = 'SandboxProblem';
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

/** Thrown by `Runtime.start`, worded as Azure words it; becomes the operation's error. */
export class DeploymentFailure extends Error {
  override name = 'DeploymentFailure';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
