/** A number that a program prints, alone or in JSON; or its exit code. No shell is involved. */
import * as z from 'zod';
import { argvRule } from '../../common/argv-rule.js';
import { runProgram } from '../../common/run-program.js';
import { endProblem, filledIn } from '../named-program.js';
import {
  numberAt,
  parsedJson,
  secondsRule,
  TIMEOUT_SECONDS,
  Unreadable,
  type CheckKind,
} from './check.js';

const schema = z.strictObject({
  argv: argvRule,
  /** Where the number is in the JSON that it prints. */
  path: z.string().optional(),
  /** `exitCode`: whatever it prints, and 0 passes. */
  value: z.enum(['stdout', 'exitCode'], 'use stdout or exitCode').optional(),
  timeoutSeconds: secondsRule,
});

export const commandCheck: CheckKind<'command', z.output<typeof schema>> = {
  id: 'command',
  schema,
  async read({ argv, path, value = 'stdout', timeoutSeconds = TIMEOUT_SECONDS }, around) {
    const { names, folder, signal, variables } = around;
    const [program = ''] = argv;
    // What a program prints beside its exit code is no answer, and may be long.
    const most = value === 'exitCode' ? 64 : 1;
    const end = await runProgram(filledIn(argv, names, variables), {
      cwd: folder,
      env: { ...variables },
      timeoutSeconds,
      mostBytes: most * 1024 * 1024,
      signal,
    });
    signal.throwIfAborted();
    if (value === 'exitCode' && end.how === 'ended') return end.code;
    const limits = { seconds: timeoutSeconds, mostMegabytes: most };
    const problem = endProblem(end, program, limits);
    if (problem !== undefined || end.how !== 'ended') throw new Unreadable(problem ?? '');
    const { stdout } = end;
    const text = stdout.trim();
    if (text === '') throw new Unreadable(`${program} printed nothing.`);
    return numberAt(path === undefined && isNumber(text) ? text : parsedJson(text), path);
  },
};

const isNumber = (text: string): boolean => text !== '' && Number.isFinite(Number(text));
