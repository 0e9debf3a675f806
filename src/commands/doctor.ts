/** `aml-rollout doctor`: what a rollout would stumble over, found before it begins. Reads only. */
import type { Command } from 'commander';
import { runCommand, type Run } from './command-run.js';
import { workspaceOptions, type WorkspaceFlags } from './connection-flags.js';
import { CODE } from './exit-codes.js';

/** One line of the answer. */
export interface Finding {
  state: 'ok' | 'warn' | 'fail';
  what: string;
  detail: string;
  /** What to do about it. */
  advice?: string;
}

const HELP = `
Changes nothing, here or in Azure. Exit codes: 0 nothing fails (warnings may stand), 1 something
fails, 2 the command line can't be understood, 70 an error of this program, 130 stopped.`;

export function registerDoctor(program: Command): void {
  workspaceOptions(
    program.command('doctor').description('check this machine, the sign-in and the workspace'),
  )
    .option('--json', 'print JSON lines')
    .addHelpText('after', HELP)
    .action((flags: WorkspaceFlags & { json?: true }) =>
      runCommand({ json: flags.json ?? false, otherwise: CODE.attention }, (run) =>
        doctor(flags, run),
      ),
    );
}

async function doctor(flags: WorkspaceFlags, run: Run): Promise<number> {
  const { out } = run;
  let failed = false;
  const tell = (finding: Finding): void => {
    failed ||= finding.state === 'fail';
    const { state, what, detail, advice } = finding;
    out.say(`${state.padEnd(4)}  ${what.padEnd(12)}  ${detail}`);
    if (advice !== undefined) out.say(`${' '.repeat(20)}${advice}`);
    out.event({ event: 'finding', ...finding });
  };
  const [{ machineFindings }, { workspaceFindings }] = await Promise.all([
    import('./doctor-machine.js'),
    import('./doctor-workspace.js'),
  ]);
  const { findings, settingsReadable } = machineFindings();
  for (const finding of findings) tell(finding);
  // Reading the profiles would set a broken file aside, and nothing is changed from here.
  const needsProfile = !flags.sandbox && flags.subscription === undefined;
  if (settingsReadable || !needsProfile) {
    for await (const finding of workspaceFindings(flags, run)) tell(finding);
  }
  const code = failed ? CODE.attention : CODE.done;
  out.say(failed ? 'Something is in the way: see the lines that say fail.' : 'Ready.');
  out.event({ event: 'result', code });
  return code;
}
