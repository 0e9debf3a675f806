/** What `--help` and the man page say of the program as a whole. */

export const ENVIRONMENT: readonly (readonly [names: string, what: string])[] = [
  ['AML_ROLLOUT_HOME', 'one folder for profiles, journals, logs and the sandbox'],
  ['AML_ROLLOUT_ASCII=1', 'draw with ASCII only'],
  ['AML_ROLLOUT_SCREEN_READER=1', 'for a screen reader: new lines only, nothing is drawn over'],
  ['NO_COLOR=1, FORCE_COLOR=0..3', 'no colours, or this many'],
  ['FORCE_HYPERLINK=0..1', 'no links to studio and report, or always'],
  ['NO_UPDATE_NOTIFIER=1', 'never ask for a newer version'],
  ['HTTPS_PROXY, ALL_PROXY, NO_PROXY', 'outgoing proxy, where the profile names none'],
  ['NODE_EXTRA_CA_CERTS', 'extra certificate authorities to trust'],
  ['AZURE_TENANT_ID, AZURE_CLIENT_ID', 'who signs in with --sign-in default'],
];

export const EXAMPLES: readonly (readonly [command: string, what: string])[] = [
  ['aml-rollout', 'the wizard; its start screen offers the sandbox'],
  ['aml-rollout --plan rollout.yml', 'the wizard, with the steps and gates of a plan'],
  ['aml-rollout run rollout.yml --profile ml-prod --yes', 'the same plan in CI'],
  ['aml-rollout status heart-classifier --profile ml-prod', 'live traffic, and what comes next'],
  ['aml-rollout rollback heart-classifier --profile ml-prod', 'the split before the rollout'],
];

const block = (title: string, rows: readonly (readonly [string, string])[]): string =>
  [`${title}:`, ...rows.map(([left, right]) => `  ${left}\n      ${right}`)].join('\n');

export const programHelp = (): string =>
  `\n${block('Examples', EXAMPLES)}\n\n${block('Environment variables', ENVIRONMENT)}\n
Options of a command, its exit codes and more: aml-rollout help COMMAND`;
