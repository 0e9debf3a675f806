/** A program and its arguments, as plans and profiles name them. */
import * as z from 'zod';
import { looksSecret } from './hide-secrets.js';
import { holdsClientPassword } from './secret-arguments.js';

const words = 'use a list: the program, then its arguments';

/** A secret belongs in a variable: the list is kept, and the variable's value is not. */
export const argvRule = z
  .array(z.string(words), words)
  .min(1, words)
  .superRefine((argv, check) => {
    const index = secretArgument(argv);
    if (index < 0) return;
    const message = 'write its secret as an environment variable: ${NAME}';
    check.addIssue({ code: 'custom', message, path: [index] });
  });

/** So many arguments may be between a client and its password. */
const MOST_BETWEEN = 16;

/** The first argument that holds a secret, also as the value of an option before it; -1: none. */
const secretArgument = (argv: readonly string[]): number =>
  argv.findIndex((each, index) => {
    const before = argv[index - 1] ?? '';
    return (
      looksSecret(each) ||
      (before.startsWith('-') && looksSecret(`${before} ${quoted(each)}`)) ||
      holdsClientPassword(
        argv
          .slice(Math.max(0, index - MOST_BETWEEN), index + 1)
          .map(quoted)
          .join(' '),
      )
    );
  });

const quoted = (argument: string): string =>
  /\s/.test(argument) && !argument.includes('"') ? `"${argument}"` : argument;
