/** What of the process decides how the terminal may be used. */
interface TerminalFacts {
  stdinIsTty: boolean;
  stdoutIsTty: boolean;
  env: Record<string, string | undefined>;
}

/** Each build service sets one of these; most set CI too. */
const BUILD_AGENTS = ['CONTINUOUS_INTEGRATION', 'TF_BUILD', 'GITHUB_ACTIONS', 'BUILD_ID'];

function terminalFacts(): TerminalFacts {
  return {
    stdinIsTty: Boolean(process.stdin.isTTY),
    stdoutIsTty: Boolean(process.stdout.isTTY),
    env: process.env,
  };
}

/** A wizard needs keys in and a screen out; everything else is for the headless commands. */
export function isInteractive(facts: TerminalFacts = terminalFacts()): boolean {
  return facts.stdinIsTty && facts.stdoutIsTty && facts.env['TERM'] !== 'dumb';
}

/** Screen readers follow the normal screen, so that nothing is drawn on the alternate one. */
export function wantsScreenReader(env: TerminalFacts['env'] = process.env): boolean {
  return env['INK_SCREEN_READER'] === 'true' || env['AML_ROLLOUT_SCREEN_READER'] === '1';
}

/** Nobody reads on a build agent that there is a newer version, and not everyone wants to. */
export function wantsUpdateNotice(env: TerminalFacts['env'] = process.env): boolean {
  const set = (name: string): boolean => !['', '0', 'false', undefined].includes(env[name]);
  return !['NO_UPDATE_NOTIFIER', 'CI', ...BUILD_AGENTS].some(set);
}

/**
 * Sets the variables that Ink and its libraries read while they are imported. Call it before
 * the first `import('ink')`; later it does nothing.
 */
export function prepareEnvironment(facts: TerminalFacts = terminalFacts()): void {
  const { env } = facts;
  // React's development build keeps a performance entry for every render.
  env['NODE_ENV'] ??= 'production';
  // With CI set, Ink draws nothing until the end; a person at a terminal wants to see.
  if (isInteractive(facts)) {
    for (const name of ['CI', 'CONTINUOUS_INTEGRATION']) if (name in env) env[name] = 'false';
  }
  // Ink's colours know FORCE_COLOR, not NO_COLOR.
  if (env['NO_COLOR']) env['FORCE_COLOR'] = '0';
  if (wantsScreenReader(env)) env['INK_SCREEN_READER'] = 'true';
}
