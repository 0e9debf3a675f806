/** The man page, made from the commands themselves. The build writes it to dist/aml-rollout.1. */
import type { Command } from 'commander';
import { ENVIRONMENT, EXAMPLES } from './help-text.js';

/** Text of a man page: no line may begin with what troff takes for a request. */
const text = (words: string): string =>
  words
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(/^(?=[.'])/gm, String.raw`\&`);

const term = (name: string, what: string): string => `.TP\n.B ${text(name)}\n${text(what)}`;

/** Paragraphs that a command's help adds stay as they are laid out. */
const laidOut = (lines: string): string => `.PP\n.nf\n${text(lines.trim())}\n.fi`;

export function registerManPage(program: Command, version: string): void {
  program
    .command('man-page', { hidden: true })
    .description('print the man page')
    .action(() => void process.stdout.write(manPage(program, version)));
}

function manPage(program: Command, version: string): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((each) => each.name() !== 'help');
  return [
    `.TH AML\\-ROLLOUT 1 "" "aml\\-rollout ${version}" "User Commands"`,
    `.SH NAME\naml\\-rollout \\- ${text(program.description())}`,
    `.SH SYNOPSIS\n.B aml\\-rollout\n${text('[options] [command]')}`,
    '.SH COMMANDS',
    ...commands.flatMap((command) => sectionOf(command, '')),
    '.SH EXAMPLES',
    ...EXAMPLES.map(([command, what]) => term(command, what)),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.map(([names, what]) => term(names, what)),
    '',
  ].join('\n');
}

function sectionOf(command: Command, parent: string): string[] {
  const help = command.createHelp();
  const path = `${parent}${command.name()}`;
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help');
  const nested = help.visibleCommands(command).filter((each) => each.name() !== 'help');
  const more = addedHelp(command);
  return [
    `.SS ${text(`${[path, ...command.aliases()].join(', ')} ${command.usage()}`.trim())}`,
    text(command.description()),
    ...options.map((each) => term(help.optionTerm(each), help.optionDescription(each))),
    ...(more === '' ? [] : [laidOut(more)]),
    ...nested.flatMap((each) => sectionOf(each, `${path} `)),
  ];
}

/** What `addHelpText` put after the help, which commander keeps for the moment it prints. */
function addedHelp(command: Command): string {
  let printed = '';
  const before = command.configureOutput();
  command.configureOutput({ writeOut: (part) => (printed += part) });
  command.outputHelp();
  command.configureOutput(before);
  return printed.slice(command.helpInformation().length);
}
