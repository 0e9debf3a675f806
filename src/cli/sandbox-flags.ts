/** Options that commands hand on to the sandbox they start. */
export interface SandboxFlags {
  fresh?: true;
  timeScale?: string;
  realistic?: true;
}

export function sandboxArgs({ fresh, timeScale, realistic }: SandboxFlags): string[] {
  return [
    ...(fresh ? ['--fresh'] : []),
    ...(timeScale === undefined ? [] : ['--time-scale', timeScale]),
    ...(realistic ? ['--realistic'] : []),
  ];
}
