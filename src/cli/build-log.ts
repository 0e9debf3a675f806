/**
 * The log of a CI service, which takes some of the lines that a program prints for commands to itself. GitHub's runner
 * reads `::NAME ARGUMENTS::TEXT` at the start of a line, after blanks, and `##[NAME]TEXT` anywhere in it
 * (src/Runner.Common/ActionCommand.cs of actions/runner); the agent of Azure Pipelines reads `##vso[…]` and `##[…]`.
 */
import { escapeJson, sanitizeLine, sanitizeText } from '../common/sanitize.js';

type Annotation = 'error' | 'warning';

/** As @actions/core escapes what follows the second `::`. */
const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

export class BuildLog {
  readonly #github: boolean;
  readonly #any: boolean;
  #group: string | undefined;

  constructor(variables: Readonly<Record<string, string | undefined>> = process.env) {
    this.#github = variables['GITHUB_ACTIONS'] === 'true';
    this.#any = this.#github || Boolean(variables['TF_BUILD']);
  }

  /** Lines for people, of which no service takes any for a command. */
  plain(text: string): string {
    const clean = sanitizeText(text);
    if (!this.#any) return clean;
    return clean.replaceAll(/^([^\S\n]*):(?=:)/gm, '$1: ').replaceAll(/##(?=\[|vso\[)/gi, '# #');
  }

  /** The same JSON. Its line starts with a brace, so only what works within a line is left to escape. */
  json(line: string): string {
    const clean = escapeJson(line);
    return this.#any ? clean.replaceAll('##', String.raw`#\u0023`) : clean;
  }

  /** What opens a group that a reader can fold, after the end of the group before; empty beside GitHub. */
  open(title: string): string {
    if (!this.#github || title === this.#group) return '';
    const before = this.close();
    this.#group = title;
    return `${before}::group::${escapeData(sanitizeLine(title))}\n`;
  }

  close(): string {
    if (this.#group === undefined) return '';
    this.#group = undefined;
    return '::endgroup::\n';
  }

  /** Shown at the top of a workflow run; empty beside GitHub. */
  annotation(kind: Annotation, message: string): string {
    return this.#github
      ? `::${kind} title=aml-rollout::${escapeData(sanitizeText(message))}\n`
      : '';
  }
}
