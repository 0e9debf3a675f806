/** A number that a program prints, alone or in JSON; or its exit code. No shell is involved. */
import { execFile, type ExecFileException } from 'node:child_process';
import * as z from 'zod';
import {
  numberAt,
  parsedJson,
  secondsRule,
  TIMEOUT_SECONDS,
  Unreadable,
  withNames,
  type CheckKind,
} from './check.js';

const argvRule = 'use a list: the program, then its arguments';
const schema = z.strictObject({
  argv: z.array(z.string(argvRule), argvRule).min(1, argvRule),
  /** Where the number is in the JSON that it prints. */
  path: z.string().optional(),
  /** `exitCode`: whatever it prints, and 0 passes. */
  value: z.enum(['stdout', 'exitCode'], 'use stdout or exitCode').optional(),
  timeoutSeconds: secondsRule,
});

export const commandCheck: CheckKind<'command', z.output<typeof schema>> = {
  id: 'command',
  schema,
  read({ argv, path, value = 'stdout', timeoutSeconds = TIMEOUT_SECONDS }, around) {
    const { names, folder, signal, variables } = around;
    const [program = '', ...given] = argv;
    // What a program prints beside its exit code is no answer, and may be long.
    const most = value === 'exitCode' ? 64 : 1;
    const options = {
      cwd: folder,
      env: { ...variables },
      timeout: timeoutSeconds * 1000,
      killSignal: 'SIGKILL' as const,
      maxBuffer: most * 1024 * 1024,
      windowsHide: true,
      signal,
    };
    return new Promise<number>((resolve, reject) => {
      const done = (error: Error | null, stdout: string, stderr: string): void => {
        const { code, killed, signal: ender } = (error ?? {}) as Partial<ExecFileException>;
        const refuse = (why: string): void => reject(new Unreadable(why));
        if (signal.aborted) return reject(error ?? new Unreadable('It was stopped.'));
        if (killed) return refuse(`${program} did not end within ${timeoutSeconds} s.`);
        if (ender) return refuse(`${program} was ended by ${ender}.`);
        if (String(code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
          return refuse(`${program} printed more than ${most} MB.`);
        }
        if (error && typeof code !== 'number') {
          return refuse(`${program} can't be started (${String(code)}).`);
        }
        if (value === 'exitCode') return resolve(typeof code === 'number' ? code : 0);
        if (error) {
          const [last = ''] = stderr.trim().split('\n').slice(-1);
          const said = last === '' ? '' : ` ${last}`;
          return refuse(`${program} ended with code ${String(code)}.${said}`);
        }
        try {
          const text = stdout.trim();
          if (text === '') return refuse(`${program} printed nothing.`);
          resolve(numberAt(path === undefined && isNumber(text) ? text : parsedJson(text), path));
        } catch (problem) {
          reject(problem instanceof Error ? problem : new Unreadable(String(problem)));
        }
      };
      execFile(
        program,
        given.map((each) => withNames(each, names)),
        options,
        done,
      );
    });
  },
};

const isNumber = (text: string): boolean => text !== '' && Number.isFinite(Number(text));
