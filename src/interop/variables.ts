/** Environment variables of a deployment in exported files: names always, values where allowed. */
import { HIDDEN } from '../common/secret-names.js';
import { writableVariables } from '../rollout/secrets.js';

/** The variables whose values may be written, and the names of all others. */
export function splitVariables(
  variables: Record<string, string> = {},
  visible?: readonly string[],
): { open: Record<string, string>; hidden: string[] } {
  const entries = Object.entries(writableVariables(variables, visible));
  return {
    open: Object.fromEntries(entries.filter(([, value]) => value !== HIDDEN)),
    hidden: entries.filter(([, value]) => value === HIDDEN).map(([name]) => name),
  };
}

export const isIdentifier = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** The scripts' own variables, and those by which a shell, Python or a client runs. */
const TAKEN =
  /^(?:SUBSCRIPTION|RESOURCE_GROUP|WORKSPACE|WORKSPACE_ARGS|ENDPOINT|PATH|HOME|IFS|ENV|PWD|OLDPWD|SHELL|SHELLOPTS|USER|LOGNAME|LANG|LANGUAGE|TERM|TMPDIR|TEMP|TMP|TZ|UID|EUID|GROUPS|PPID|SECONDS|RANDOM|SRANDOM|LINENO|OPT(?:ARG|IND|ERR)|PS\d|HIST.*|FUNCNAME|DIRSTACK|PIPESTATUS|_|(?:ALL|HTTPS?|NO|FTP)_PROXY|(?:REQUESTS|CURL)_CA_BUNDLE|SSL_CERT_.*|(?:BASH|LC_|LD_|DYLD_|AZURE|AML|IDENTITY_|MSI_|MLFLOW_|PYTHON).*)$/i;

/** The variable by which whoever runs a script passes the value of a deployment's variable. */
export const outsideName = (name: string): string => (TAKEN.test(name) ? `VALUE_OF_${name}` : name);
