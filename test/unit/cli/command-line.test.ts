/** The built program's command line: what it says to what can't be understood, and how lightly it starts. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../support/run-command.js';
import { MAIN, temporaryFolder } from '../../support/sandbox.js';

let home: string;
beforeAll(() => {
  home = temporaryFolder();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const run = (...args: string[]) => runProgram(args, { env: { AML_ROLLOUT_HOME: home } });

describe('a command line that can not be understood ends with 2 and says what to do', () => {
  it.each(
    [
      [['rolback', 'heart'], "no command 'rolback'", 'rollback'],
      [['rollback'], "missing required argument 'endpoint'", '--help'],
      [['rollback', 'heart', '--yess'], "unknown option '--yess'", '--yes'],
      [['rollback', 'heart', '--profile'], 'argument missing', '--help'],
      [['rollback', 'heart', '--sandbox', '--profile', 'a'], 'cannot be used with', '--help'],
      [['rollback', 'heart', '--now', '--scale-first'], 'cannot be used with', '--help'],
      [['rollback', 'heart', '--cloud', 'mars'], 'Allowed choices are public', '--help'],
      [['rollback', 'heart', '--workspace', 'ml'], '--resource-group', 'together'],
      [['rollback', 'heart'], 'No workspace is saved', '--subscription'],
      [['rollback', 'heart', '--profile', 'prod'], 'no profile "prod"', '--sandbox'],
      [['doctor', '--profile', 'prod', '--sandbox'], 'cannot be used with', '--help'],
      [['export'], 'Name an endpoint', '--plan'],
      [['run'], 'Name a plan', '--endpoint-file'],
      [['run', 'plan.yml', '--override', '  '], 'must be a reason', '--help'],
      [['resume', 'plan.yml', '--override='], 'must be a reason', '--help'],
      [['export', 'heart'], 'No rollout of heart', 'Another machine'],
      [['sandbox', '--port', 'x'], 'whole number from 0', '--help'],
      [['--frsh'], "unknown option '--frsh'", '--fresh'],
    ].filter(([args]) => args),
  )('%j', async (args, problem, advice) => {
    const { code, stdout, stderr } = await run(...(args as string[]));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(problem);
    expect(stderr).toContain(advice);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('help and version', () => {
  it.each([
    ['--help'],
    ['rollback', '--help'],
    ['help', 'rollback'],
    ['sandbox', '--help'],
    ['doctor', '--help'],
    ['export', '--help'],
  ])('%s %s', async (...args) => {
    const { code, stdout, stderr } = await run(...args.filter((each) => each !== undefined));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: aml-rollout');
  });

  it('says the exit codes of rollback', async () => {
    const { stdout } = await run('rollback', '--help');
    for (const code of [0, 2, 4, 6, 7, 70, 130])
      expect(stdout).toMatch(new RegExp(`^  ${code} `, 'm'));
  });

  it.each(['run', 'resume'])(
    'says of %s that a workspace in the way is a code 2 too',
    async (name) => {
      const { stdout } = await run(name, '--help');
      const said = /^ {2}2 +([\s\S]*?)^ {2}3 /m.exec(stdout)?.[1]?.replace(/\s+/g, ' ');
      expect(said).toBe(
        "invalid command line, plan, or file it names, or the workspace can't take the rollout " +
          '(a provider is not registered, legacy mode); nothing was changed ',
      );
    },
  );

  it('starts from files that hold nothing but commander and our own', () => {
    const { externals, sources } = importsAtStart(MAIN);
    expect(externals.filter((name) => !name.startsWith('node:'))).toEqual([]);
    const packages = sources
      .map((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1])
      .filter((name) => name !== undefined);
    expect([...new Set(packages)]).toEqual(['commander']);
  });
});

/** What the program's file loads for whatever command. */
function importsAtStart(file: string, seen = new Set<string>()) {
  const externals: string[] = [];
  const sources: string[] = [];
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    // The bundler's own helpers have no map.
    const map = existsSync(`${path}.map`) ? readFileSync(`${path}.map`, 'utf8') : '{}';
    sources.push(...((JSON.parse(map) as { sources?: string[] }).sources ?? []));
    const text = readFileSync(path, 'utf8');
    for (const match of text.matchAll(
      /(?:^|[;\n])(?:import|export)\s*(?:[\w$\s{},*]*?from\s*)?["']([^"']+)["']/g,
    )) {
      const name = match[1]!;
      if (name.startsWith('.')) visit(join(dirname(path), name));
      else externals.push(name);
    }
    // What the first file always loads next.
    const next = path === file ? /import\([`"'](\.[^`"']+)[`"']\)/.exec(text)?.[1] : undefined;
    if (next !== undefined) visit(join(dirname(path), next));
  };
  visit(file);
  return { externals, sources };
}
