/** A number that a program prints, alone or in JSON; or its exit code. No shell is involved. */
import * as z from 'zod';
import { runProgram, type ProgramEnd } from '../../common/run-program.js';
import {
  numberAt,
  parsedJson,
  secondsRule,
  TIMEOUT_SECONDS,
  Unreadable,
  withNames,
  type CheckKind,
} from './check.js';
import { secretArgument, withVariables } from './variables.js';

const argvRule = 'use a list: the program, then its arguments';
const schema = z.strictObject({
  argv: z
    .array(z.string(argvRule), argvRule)
    .min(1, argvRule)
    .superRefine((argv, check) => {
      const index = secretArgument(argv);
      if (index < 0) return;
      const message = 'write its secret as an environment variable: ${NAME}';
      check.addIssue({ code: 'custom', message, path: [index] });
    }),
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
    const end = await runProgram(
      argv.map((each, index) =>
        index === 0 ? each : withVariables(withNames(each, names), variables),
      ),
      {
        cwd: folder,
        env: { ...variables },
        timeoutSeconds,
        mostBytes: most * 1024 * 1024,
        signal,
      },
    );
    signal.throwIfAborted();
    if (end.how !== 'ended') throw new Unreadable(reasonOf(end, program, timeoutSeconds, most));
    const { code, stdout, stderr } = end;
    if (value === 'exitCode') return code;
    if (code !== 0) {
      const [last = ''] = stderr.trim().split('\n').slice(-1);
      const said = last === '' ? '' : ` ${last}`;
      throw new Unreadable(`${program} ended with code ${code}.${said}`);
    }
    const text = stdout.trim();
    if (text === '') throw new Unreadable(`${program} printed nothing.`);
    return numberAt(path === undefined && isNumber(text) ? text : parsedJson(text), path);
  },
};

const isNumber = (text: string): boolean => text !== '' && Number.isFinite(Number(text));

function reasonOf(end: ProgramEnd, program: string, seconds: number, most: number): string {
  if (end.how === 'late') return `${program} did not end within ${seconds} s.`;
  if (end.how === 'long') return `${program} printed more than ${most} MB.`;
  if (end.how === 'missing') return `${program} can't be started (${end.code}).`;
  return end.how === 'killed' ? `${program} was ended by ${end.by}.` : 'It was stopped.';
}
