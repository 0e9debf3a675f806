/** What a command line is expected to know of itself: Tab, a word mistyped, the man page. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ProfileStore } from '../../src/profiles/store.js';
import { closeAll, launch } from '../support/pty.js';
import { runPrinted, runProgram } from '../support/run-command.js';
import { MAIN, temporaryFolder } from '../support/sandbox.js';

let home: string;
beforeAll(() => {
  home = temporaryFolder();
  const store = new ProfileStore(join(home, 'config'));
  const connection = {
    cloud: 'public',
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroup: 'rg-ml',
    workspaceName: 'ml-prod',
    signIn: 'default',
  } as const;
  store.add({ name: 'ml-prod', connection });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
afterEach(closeAll);

async function offered(line: string): Promise<string[]> {
  const { code, stdout } = await runProgram(['completion-server', '--', ...line.split(' ')], {
    env: {
      AML_ROLLOUT_HOME: home,
      SHELL: 'fish',
      COMP_LINE: line,
      COMP_POINT: String(line.length),
      COMP_CWORD: String(line.split(' ').length - 1),
    },
  });
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((each) => each.split('\t')[0]!);
}

const FILES = ['__tabtab_complete_files__'];

describe('Tab', () => {
  it.each([
    ['aml-rollout ', ['run', 'resume', 'rollback', 'completion']],
    ['aml-rollout run --', ['--profile', '--override', '--json']],
    ['aml-rollout --', ['--inline', '--plan', '--version']],
    ['aml-rollout profiles ', ['list', 'add', 'rename']],
  ])('after "%s" offers what there is', async (line, some) => {
    const names = await offered(line);
    expect(names).toEqual(expect.arrayContaining(some));
    expect(names).not.toContain('completion-server');
  });

  it.each([
    ['aml-rollout run ', FILES],
    ['aml-rollout run --yes ', FILES],
    ['aml-rollout run a.yml ', FILES],
    ['aml-rollout run plan.yml --csv ', FILES],
    ['aml-rollout --plan ', FILES],
    ['aml-rollout run --cloud ', ['public', 'usgov', 'china']],
    ['aml-rollout status --profile ', ['ml-prod']],
    ['aml-rollout completion ', ['bash', 'zsh', 'fish', 'pwsh']],
    ['aml-rollout run plan.yml --override ', []],
    ['aml-rollout status ', []],
  ])('after "%s" offers exactly %j', async (line, all) => {
    expect(await offered(line)).toEqual(all);
  });
});

describe('the script', () => {
  it('completes in bash, and leaves files to bash itself', () => {
    writeFileSync(
      join(home, 'tab.sh'),
      `set -e
       source <(aml-rollout completion bash)
       tab() {
         COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
         _aml-rollout_completion; echo "\${COMPREPLY[*]-}"
       }
       tab aml-rollout ro; tab aml-rollout run --appr; tab aml-rollout run pl
       complete -p aml-rollout`,
    );
    const { stdout, stderr } = spawnSync('bash', [join(home, 'tab.sh')], {
      encoding: 'utf8',
      env: { ...process.env, AML_ROLLOUT_HOME: home },
    });
    expect(stderr).toBe('');
    const [command, flag, file, registered] = stdout.split('\n');
    expect([command, flag, file]).toEqual(['rollback', '--approve', '']);
    expect(registered).toContain('-o default');
  });

  it.each(['zsh', 'fish', 'pwsh'])('for %s asks this program', async (shell) => {
    const { code, stdout } = await runProgram(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('completion-server');
  });

  it('of a shell it does not know says which there are', async () => {
    const { code, stderr } = await runProgram(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(stderr).toContain('Allowed choices are bash, zsh, fish, pwsh');
  });
});

it('a mistyped command is answered with the nearest', async () => {
  const { code, stderr } = await runProgram(['rolback', 'heart']);
  expect(code).toBe(2);
  expect(stderr).toContain("there is no command 'rolback'. Did you mean rollback?");
});

it.each([
  [['status', 'heart', '--profle', 'ml-prod'], "unknown option '--profle'", '--profile'],
  [['run', 'rollout.yml', '--aprove', '30'], "unknown option '--aprove'", '--approve'],
  [['--inlin'], "unknown option '--inlin'", '--inline'],
])('a mistyped option in %j is answered with the nearest', async (args, error, nearest) => {
  const { code, stderr } = await runProgram(args);
  expect(code).toBe(2);
  expect(stderr).toContain(error);
  expect(stderr).toContain(`Did you mean ${nearest}?`);
});

describe('a printed command', () => {
  /** What is said where no workspace is saved. */
  async function printed(env: Record<string, string>): Promise<string> {
    const empty = join(home, 'empty');
    const { stdout } = await runProgram(['profiles', 'list'], {
      env: { AML_ROLLOUT_HOME: empty, npm_command: '', ...env },
    });
    return /: (.*)$/m.exec(stdout)?.[1] ?? stdout;
  }
  /** As `npm start` begins: node's own folder, and what npm puts before it. */
  const ofNpm = join(temporaryFolder(), 'node_modules', '.bin');
  const PATH = `${ofNpm}:${dirname(process.execPath)}:/usr/bin:/bin`;

  it('begins with the name where a shell finds it', async () => {
    expect(await printed({})).toBe('aml-rollout profiles add');
  });

  it('begins with the file that was started where it does not, and runs so', async () => {
    mkdirSync(ofNpm, { recursive: true });
    symlinkSync(MAIN, join(ofNpm, 'aml-rollout'));
    const line = await printed({ PATH, npm_command: 'start' });
    expect(line).toBe(`node ${MAIN} profiles add`);
    expect(await runPrinted(`${line} --help`, { env: { PATH } })).toMatchObject({ code: 0 });
  });

  it('begins with npx where npx started it', async () => {
    expect(await printed({ PATH, npm_command: 'exec' })).toBe('npx aml-rollout profiles add');
  });
});

describe('--help', () => {
  it('prints what `help` prints, which is made by the commands themselves', async () => {
    const [flag, short, command] = await Promise.all(
      ['--help', '-h', 'help'].map((each) => runProgram([each])),
    );
    expect(command!.stdout).toContain('Commands:');
    expect([flag, short]).toMatchObject(
      Array.from({ length: 2 }, () => ({ code: 0, stdout: command!.stdout, stderr: '' })),
    );
  });

  it('breaks between words on a narrow terminal', async () => {
    const app = launch(process.execPath, [MAIN, '--help'], { columns: 60, rows: 100 });
    await app.waitFor(/rollouts of MLflow models on Azure *\nML online endpoints/);
    await app.exited;
  });
});

describe('the man page', () => {
  const page = readFileSync(new URL('../../dist/aml-rollout.1', import.meta.url), 'utf8');

  it('has every command, with its options and what its help adds', async () => {
    const { stdout } = await runProgram(['--help']);
    const listed = stdout.split('Commands:\n')[1]!.split('\n\n')[0]!;
    const names = [...listed.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names.filter((each) => each !== 'help')) {
      expect(page).toMatch(new RegExp(`^\\.SS ${name}\\b`, 'm'));
    }
    expect(page).toContain(String.raw`\-\-sign\-in <how>`);
    expect(page).toContain('"device\\-code"');
    expect(page).toMatch(/^ {2}130 {2}stopped by Ctrl\\-C/m);
    expect(page).toContain('AML_ROLLOUT_HOME');
  });

  it('holds no request or escape that troff would not know', () => {
    const requests = new Set([...page.matchAll(/^[.'](\S*)/gm)].map((match) => match[1]!));
    expect([...requests].toSorted()).toEqual(['B', 'PP', 'SH', 'SS', 'TH', 'TP', 'fi', 'nf']);
    expect([...page.matchAll(/\\[^-e&]/g)]).toEqual([]);
  });
});
