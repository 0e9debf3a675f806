/** Asking on the terminal, beside whatever the output is piped into. */

/** Whether there is somebody to ask. */
export const canAsk = (): boolean => Boolean(process.stdin.isTTY && process.stderr.isTTY);

/** `undefined`: Ctrl-C or Ctrl-D, or a signal that ends the program. Anything but a yes is a no. */
export async function askYesNo(
  question: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const left = new AbortController();
  lines.once('close', () => left.abort());
  try {
    const either = AbortSignal.any([left.signal, signal]);
    const answer = await lines.question(`${question} [y/N] `, { signal: either });
    return /^y(?:es)?$/i.test(answer.trim());
  } catch {
    process.stderr.write('\n');
    return undefined;
  } finally {
    lines.close();
  }
}
