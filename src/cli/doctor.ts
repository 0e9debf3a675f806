/** `aml-rollout doctor`: what a rollout would stumble over, found before it begins. Reads only. */
import { InvalidArgumentError, type Command } from 'commander';
import type { PreflightFinding } from '../rollout/preflight/finding.js';
import { runToExit, type Run } from './command-run.js';
import { workspaceOptions } from './connection-flags.js';
import type { DoctorFlags } from './doctor-workspace.js';
import { CODE } from './exit-codes.js';

const HELP = `
Changes nothing, here or in Azure. Exit codes: 0 no check fails (warnings may remain), 1 a check
fails or standard output can't be written, 2 invalid command line, 70 internal error, 130 stopped by
Ctrl-C (143 by SIGTERM, 129 by SIGHUP).`;

export function registerDoctor(program: Command): void {
  workspaceOptions(
    program.command('doctor').description('check this machine, the sign-in and the workspace'),
  )
    .option('--endpoint <name>', 'a planned endpoint: check its name and the quota')
    .option('--model <folder...>', "model folders: MLmodel, conda.yaml, the folder's name")
    .option('--instance-type <type>', 'for the quota (default: as on the endpoint)')
    .option('--instances <count>', 'of each deployment, for the quota', instanceCount)
    .option('--json', 'print JSON lines')
    .addHelpText('after', HELP)
    .action((flags: Flags) =>
      runToExit({ json: flags.json ?? false, otherwise: CODE.attention, answers: true }, (run) =>
        doctor(flags, run),
      ),
    );
}

interface Flags extends DoctorFlags {
  json?: true;
  model?: string[];
}

function instanceCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 50) return count;
  throw new InvalidArgumentError('Use a whole number from 1 to 50.');
}

async function doctor(flags: Flags, run: Run): Promise<number> {
  const { out } = run;
  let failed = false;
  const tell = (finding: PreflightFinding): void => {
    failed ||= finding.state === 'fail';
    const { state, what, detail, advice } = finding;
    out.say(`${state.padEnd(4)}  ${what.padEnd(13)}  ${detail}`);
    if (advice !== undefined) out.say(`${' '.repeat(21)}${advice}`);
    out.event({ event: 'finding', state, what, detail, ...(advice !== undefined && { advice }) });
  };
  const [{ machineFindings }, { targetFindings }] = await Promise.all([
    import('./doctor-machine.js'),
    import('./doctor-workspace.js'),
  ]);
  const { findings, settingsReadable } = machineFindings();
  for (const finding of findings) tell(finding);
  if (flags.model) {
    const [{ modelFindings, namesApart }, { filesToUpload }] = await Promise.all([
      import('../rollout/preflight/model-folder.js'),
      import('../azure/upload.js'),
    ]);
    for (const [folder, name] of namesApart(flags.model)) {
      for (const each of await modelFindings(folder, name, filesToUpload)) tell(each);
    }
  }
  // Reading the profiles would set a broken file aside, and nothing is changed from here.
  const needsProfile = !flags.sandbox && flags.subscription === undefined;
  if (settingsReadable || !needsProfile) {
    for await (const finding of targetFindings(flags, run)) {
      // What a signal cut off is no finding.
      run.signal.throwIfAborted();
      tell(finding);
    }
    run.signal.throwIfAborted();
  }
  const code = failed ? CODE.attention : CODE.done;
  out.say(failed ? 'A check failed: see the lines marked fail.' : 'Ready.');
  out.event({ event: 'result', code });
  return code;
}
