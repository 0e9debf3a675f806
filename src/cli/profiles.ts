/** `aml-rollout profiles`: the saved ways to reach a workspace, without the wizard. */
import type { Command } from 'commander';
import type { PlannedNotice } from '../common/notice.js';
import type { Profile, SavedConnection } from '../profiles/profile.js';
import type { ProfileStore } from '../profiles/store.js';
import { connectionOptions, withFlags, type ConnectionFlags } from './connection-flags.js';

/** Exit code for input that can't be used. */
const USAGE = 2;

interface ProfileFlags extends ConnectionFlags {
  prod?: boolean;
  notify?: string;
}

export function registerProfiles(program: Command): void {
  const profiles = program.command('profiles').description('saved workspaces');

  profiles
    .command('list', { isDefault: true })
    .description('list them, last used first')
    .option('--json', 'print one JSON array')
    .action((flags: { json?: true }) => withStore((store) => list(store, flags.json ?? false)));

  profileOptions(
    profiles.command('add <name>').description('save a workspace under a name'),
    true,
  ).action((name: string, flags: ProfileFlags) =>
    withStore(async (store) => {
      const { prod, notify: file, ...rest } = flags;
      const connection = changed({ cloud: 'public', signIn: 'default' }, rest);
      const notify = file ? await listOf(file) : undefined;
      return said(
        'Saved',
        store.add({ name, prod: prod ?? false, connection, ...(notify && { notify }) }),
      );
    }),
  );

  profileOptions(
    profiles
      .command('edit <name>')
      .description('change the given settings; an empty value removes an optional one'),
    false,
  )
    .option('--no-prod', 'no longer marked as PROD')
    .action((name: string, { prod, notify, ...rest }: ProfileFlags) =>
      withStore(async (store) => {
        const before = store.find(name);
        if (
          before &&
          prod === undefined &&
          notify === undefined &&
          Object.keys(rest).length === 0
        ) {
          process.stderr.write(
            `Nothing to change: give an option to change in profile ${JSON.stringify(before.name)}, for example --prod or --tenant. --help lists them.\n`,
          );
          return USAGE;
        }
        const patch = {
          ...(prod === undefined ? {} : { prod }),
          ...(notify !== undefined && { notify: await listOf(notify) }),
          ...(before && Object.keys(rest).length > 0
            ? { connection: changed(before.connection, rest) }
            : {}),
        };
        return said('Changed', store.edit(name, patch));
      }),
    );

  profiles
    .command('rename <name> <new-name>')
    .description('rename a saved workspace')
    .action((name: string, newName: string) =>
      withStore((store) => said('Renamed', store.rename(name, newName))),
    );

  profiles
    .command('delete <name>')
    .description('delete a saved workspace; the workspace in Azure stays')
    .option('--confirm <name>', 'the name again, when there is no terminal')
    .action((name: string, flags: { confirm?: string }) =>
      withStore((store) => remove(store, name, flags.confirm)),
    );
}

function profileOptions(command: Command, add: boolean): Command {
  return connectionOptions(command, add)
    .option('--prod', 'mark it as PROD on every screen')
    .option('--notify <file>', 'YAML file with `notify`, for rollouts whose plan has none');
}

const changed = (base: Partial<SavedConnection>, flags: ConnectionFlags): SavedConnection =>
  // The store checks that nothing is missing.
  withFlags(base, flags) as SavedConnection;

/** @throws ProfileError for a file that holds no such list. An empty name is an empty list. */
async function listOf(file: string): Promise<PlannedNotice[]> {
  if (file === '') return [];
  const [{ readNotifyFile }, { readText }, { resolve }, { ProfileError }] = await Promise.all([
    import('../interop/notify-file.js'),
    import('../common/read-text.js'),
    import('node:path'),
    import('../profiles/profile.js'),
  ]);
  const path = resolve(file);
  const text = await readText(path).catch((error: NodeJS.ErrnoException) => {
    throw new ProfileError(
      `${path} can't be read (${error.code}). Choose a YAML file with notify.`,
    );
  });
  try {
    return readNotifyFile(text, path);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'FileProblem') throw error;
    throw new ProfileError(error.message);
  }
}

async function withStore(work: (store: ProfileStore) => number | Promise<number>): Promise<void> {
  const [{ ProfileStore }, { ProfileError }] = await Promise.all([
    import('../profiles/store.js'),
    import('../profiles/profile.js'),
  ]);
  const store = new ProfileStore();
  try {
    process.exitCode = await work(store);
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = USAGE;
  } finally {
    for (const notice of store.notices) process.stderr.write(`${notice}\n`);
  }
}

async function list(store: ProfileStore, json: boolean): Promise<number> {
  const profiles = store.list();
  if (json) {
    const { escapeJson } = await import('../common/sanitize.js');
    process.stdout.write(`${escapeJson(JSON.stringify(profiles, undefined, 2))}\n`);
    return 0;
  }
  if (profiles.length === 0) {
    const { ownCommand } = await import('../interop/own-command.js');
    process.stdout.write(
      `No workspace is saved yet. This saves one, and so does the wizard: ${ownCommand('profiles add')}\n`,
    );
    return 0;
  }
  const [{ default: width }, { sanitizeLine }] = await Promise.all([
    import('string-width'),
    import('../common/sanitize.js'),
  ]);
  const rows = profiles.map((profile) => cells(profile).map((cell) => sanitizeLine(cell)));
  const table = [['NAME', '', 'WORKSPACE', 'SIGN-IN', 'LAST USED'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => width(row[column]!))));
  for (const row of table) {
    const line = row.map((cell, at) => cell + ' '.repeat(widths[at]! - width(cell))).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
  return 0;
}

function cells({ name, prod, connection, lastUsedAt }: Profile): string[] {
  const cloud = connection.cloud === 'public' ? '' : ` (${connection.cloud})`;
  return [
    name,
    prod ? 'PROD' : '',
    `${connection.resourceGroup} / ${connection.workspaceName}${cloud}`,
    connection.signIn,
    lastUsedAt?.slice(0, 16).replace('T', ' ').concat(' UTC') ?? 'never',
  ];
}

async function remove(
  store: ProfileStore,
  name: string,
  confirmed: string | undefined,
): Promise<number> {
  const profile = store.find(name);
  const typed =
    profile !== undefined && confirmed === undefined ? await askForName(profile.name) : confirmed;
  if (profile !== undefined && typed === undefined) {
    process.stderr.write(
      `Deleting requires the typed name, and there is no terminal to ask. Add --confirm ${JSON.stringify(profile.name)}.\n`,
    );
    return USAGE;
  }
  if (profile !== undefined && typed !== profile.name) {
    process.stderr.write(
      `That is not ${JSON.stringify(profile.name)}, so nothing was deleted. Type the name as it is listed.\n`,
    );
    return USAGE;
  }
  return said('Deleted', store.remove(name));
}

async function askForName(name: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const left = new AbortController();
  // Ctrl-C and Ctrl-D mean no.
  lines.once('close', () => left.abort());
  try {
    const question = `Type ${name} to forget this profile; the workspace stays: `;
    return await lines.question(question, { signal: left.signal });
  } catch {
    process.stderr.write('\n');
    return '';
  } finally {
    lines.close();
  }
}

function said(what: string, profile: Profile): number {
  process.stdout.write(`${what} profile ${JSON.stringify(profile.name)}.\n`);
  return 0;
}
