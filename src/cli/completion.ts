/** `aml-rollout completion SHELL`: what Tab offers in a shell, made from the commands themselves. */
import { Argument, type Command, type Option } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish', 'pwsh'] as const;

const HELP = `
bash         aml-rollout completion bash >> ~/.bashrc
zsh          aml-rollout completion zsh >> ~/.zshrc
fish         aml-rollout completion fish > ~/.config/fish/completions/aml-rollout.fish
PowerShell   aml-rollout completion pwsh >> $PROFILE`;

/** Values that a word stands for are files, where its name in the help text says so. */
const FILES = /^(plans?|file|folder|pem|rows)$/;

interface Offer {
  name: string;
  description?: string;
}

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print the completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', HELP)
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { default: tabtab } = await import('@pnpm/tabtab');
      const name = program.name();
      process.stdout.write(await tabtab.getCompletionScript({ name, completer: name, shell }));
    });
  // The script asks this at each Tab, with the line typed so far in the environment.
  program
    .command('completion-server [words...]', { hidden: true })
    .allowUnknownOption()
    .action(async () => {
      const { default: tabtab } = await import('@pnpm/tabtab');
      const { partial } = tabtab.parseEnv(process.env);
      const shell = tabtab.getShellFromEnv(process.env);
      const offers = await offersFor(program, partial.split(/\s+/).slice(1));
      if (offers !== 'files') tabtab.log(offers, shell);
      // Bash offers files by itself where nothing else is offered.
      else if (shell !== 'bash') tabtab.logFiles();
    });
}

/** @param words those after the program's name; the last is the one to complete, and may be empty. */
async function offersFor(program: Command, words: string[]): Promise<Offer[] | 'files'> {
  const typed = words.at(-1) ?? '';
  const before = words.at(-2);
  const { command, given } = commandOf(program, typed.startsWith('-') ? words : words.slice(0, -1));
  const asked = optionsOf(command).find((option) => option.long === before);
  if (asked && takesValue(asked)) return valuesOf(asked);
  if (typed.startsWith('-')) {
    // `--version` stands alone; the options of the wizard may follow.
    const options = [...optionsOf(command), ...(words.length === 1 ? optionsOf(program) : [])];
    const described = new Map(options.map(({ long, description }) => [long ?? '', description]));
    return [...described].map(([name, description]) => ({ name, description }));
  }
  const commands = command.createHelp().visibleCommands(command);
  if (commands.length > 0) {
    return commands.map((each) => ({ name: each.name(), description: each.description() }));
  }
  const takes = command.registeredArguments;
  const argument = takes[operandsIn(command, given)] ?? takes.findLast(({ variadic }) => variadic);
  if (argument?.argChoices) return argument.argChoices.map((name) => ({ name }));
  return argument && FILES.test(argument.name()) ? 'files' : [];
}

/** The command that the words name, and the words after it. */
function commandOf(command: Command, words: string[]): { command: Command; given: string[] } {
  const [first, ...rest] = words;
  const named = command.commands.find((each) =>
    [each.name(), ...each.aliases()].includes(first ?? ''),
  );
  if (named) return commandOf(named, rest);
  // The wizard's options may stand without its name.
  const options = command.parent === null && first?.startsWith('-') === true;
  const wizard = command.commands.find((each) => each.name() === 'wizard');
  return { command: options && wizard ? wizard : command, given: words };
}

const optionsOf = (command: Command): Option[] => command.createHelp().visibleOptions(command);

const takesValue = (option: Option): boolean => option.required || option.optional;

function operandsIn(command: Command, given: string[]): number {
  const valued = optionsOf(command).filter(takesValue);
  return given.filter((word, index) => {
    const isValue = valued.some(({ long }) => long === given[index - 1]);
    return !word.startsWith('-') && !isValue;
  }).length;
}

async function valuesOf(option: Option): Promise<Offer[] | 'files'> {
  if (option.argChoices) return option.argChoices.map((name) => ({ name }));
  if (option.attributeName() === 'profile') {
    const { ProfileStore } = await import('../profiles/store.js');
    return new ProfileStore().list().map(({ name }) => ({ name }));
  }
  const value = /[<[](.+)[>\]]/.exec(option.flags)?.[1] ?? '';
  return FILES.test(value) ? 'files' : [];
}
