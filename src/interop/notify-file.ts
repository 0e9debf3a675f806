/** The list `notify` of a YAML file, such as a plan, for a profile. */
import { dirname, isAbsolute, resolve } from 'node:path';
import * as z from 'zod';
import { notices, type PlannedNotice } from '../common/notice.js';
import { parseYamlFile } from './yaml-file.js';

const schema = z.looseObject({ notify: notices });

/**
 * Programs named by a path are found wherever the profile is used: their paths become absolute.
 * @param path of the file
 * @throws FileProblem with every problem's line and column.
 */
export function readNotifyFile(text: string, path: string): PlannedNotice[] {
  const { notify } = parseYamlFile(text, path, schema).value;
  return notify.map(({ command, ...rest }) => {
    if (command === undefined) return rest;
    const [program = '', ...given] = command.argv;
    const isPath = /[/\\]/.test(program) && !isAbsolute(program);
    const argv = [isPath ? resolve(dirname(path), program) : program, ...given];
    return { ...rest, command: { ...command, argv } };
  });
}
