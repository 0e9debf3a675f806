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
