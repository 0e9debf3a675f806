/** `aml-rollout init ENDPOINT`: a plan file to fill in, from an endpoint as it is; changes nothing in Azure. */
import type { Command } from 'commander';
import { runToExit, type Run } from './command-run.js';
import { workspaceOptions, type WorkspaceFlags } from './connection-flags.js';
import { CODE } from './exit-codes.js';

interface InitFlags extends WorkspaceFlags {
  csv?: string;
  target?: string;
  out: string;
  force?: true;
}

const HELP = `
Reads the endpoint and writes a plan with comments. An endpoint that does not exist is
created by the plan.
Exit codes: 0 written, 2 invalid command line or the file exists, 5 Azure is unreachable,
7 sign-in or permission, 70 internal error, 130 stopped.`;

export function registerInit(program: Command): void {
  workspaceOptions(
    program
      .command('init <endpoint>')
      .description('write a plan file to fill in, from an endpoint'),
  )
    .option('--csv <rows>', 'rows to send to both: a file, a data asset or collected:24h')
    .option('--target <column>', 'column that holds the truth')
    .option('--out <file>', 'where to', 'rollout.yml')
    .option('--force', 'overwrite the file')
    .addHelpText('after', HELP)
    .action((endpoint: string, flags: InitFlags) =>
      runToExit({ json: false, otherwise: CODE.held }, (run) => init(endpoint, flags, run)),
    );
}

async function init(endpoint: string, flags: InitFlags, { out, signal }: Run): Promise<number> {
  const [{ writeFile }, { findTarget, openTarget }, { CommandError }, { nameProblem }] =
    await Promise.all([
      import('node:fs/promises'),
      import('./connect-profile.js'),
      import('./errors.js'),
      import('../rollout/names.js'),
    ]);
  const problem = nameProblem('endpoint', endpoint);
  if (problem !== undefined) throw new CommandError(problem);
  const note = (line: string): void => out.note(line);
  const target = await findTarget(flags, note);
  const opened = await openTarget(target, { signal, note });
  try {
    const [{ observe }, { rolesOf }, { newPlanYaml }, { workspaceModel }] = await Promise.all([
      import('../rollout/snapshot.js'),
      import('../rollout/roles.js'),
      import('../interop/new-plan.js'),
      import('../common/model-ref.js'),
    ]);
    const now = await observe(opened.workspace, endpoint, [], signal);
    const [serving] = rolesOf(now).live;
    const blue = now.deployments.find(({ name }) => name === serving);
    const model = blue && workspaceModel(blue.model);
    const [newest] = model ? await opened.workspace.listModelVersions(model.name, signal, 1) : [];
    const text = newPlanYaml({
      endpoint,
      deployments: now.deployments,
      ...(now.endpoint && { existing: now.endpoint }),
      ...(blue && { blue }),
      newest: newest?.version,
      ...(flags.csv !== undefined && { rows: flags.csv }),
      ...(flags.target !== undefined && { target: flags.target }),
    });
    await writeFile(flags.out, text, { flag: flags.force ? 'w' : 'wx' }).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      throw new CommandError(
        code === 'EEXIST'
          ? `${flags.out} exists: name another file with --out, or overwrite it with --force.`
          : `${flags.out} can't be written (${code ?? 'unknown error'}). Check the folder and its permissions.`,
      );
    });
    out.say(`Wrote ${flags.out}. Check green's model, size and rows, then run it.`);
    return CODE.done;
  } finally {
    await opened.close();
  }
}
