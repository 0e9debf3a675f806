/** Secrets among the arguments of a program. Each pattern's work is bounded, as in `hide-secrets.ts`. */
import { HIDDEN, isReference, isSecretName } from './secret-names.js';

export type Pattern = readonly [
  shape: RegExp,
  replace: (found: string, ...groups: string[]) => string,
];

const withoutQuotes = (text: string): string => text.replace(/^["']|["']$/g, '');

/** Options of one letter that take a password, perhaps after a user's name, of these clients only. */
const CLIENTS: readonly (readonly [client: string, option: string, afterUser?: string])[] = [
  ['(?:mysql|mariadb)[a-z_-]{0,12}', '-p'],
  ['(?:sqlcmd|bcp)', '-P\\s{0,3}'],
  ['(?:redis|valkey)-cli', '-a\\s{1,3}'],
  ['sshpass', '-p\\s{0,3}'],
  ['mongo[a-z]{0,8}', '-p\\s{1,3}'],
  ['(?:docker|podman|az|az acr|helm registry|oras|oc|skopeo|buildah) login', '-p[\\s=]{0,3}'],
  ['curl', '-[A-Za-z]{0,8}u', ':'],
  ['smbclient', '-U\\s{0,3}', '%'],
];

/** What is between a client and its option: words and quoted text, up to the next command. */
const BETWEEN = '\\s(?:"[^"\\r\\n]{0,200}"|\'[^\'\\r\\n]{0,200}\'|[^"\'\\r\\n|;&]){0,160}?';

const OF_CLIENTS: readonly Pattern[] = CLIENTS.map(([client, option, afterUser = '']) => [
  new RegExp(
    `((?<![\\w.-])${client}(?:\\.exe)?(?=\\s)${BETWEEN}(?<=\\s)${option})("[^"\\r\\n]+"?|'[^'\\r\\n]+'?|[^\\s"'-][^\\s"']*)`,
    'g',
  ),
  (found, start, value) => {
    const written = withoutQuotes(value.replace(/[;)]+$/, ''));
    const at = written.indexOf(afterUser);
    const none =
      at < 0 || isReference(written) || isReference(written.slice(at + afterUser.length));
    // Two numbers are a container's ports, or its user and group.
    return none || value.includes(HIDDEN) || /^\d+:\d+$/.test(written)
      ? found
      : `${start}${HIDDEN}`;
  },
]);

export const ARGUMENTS: readonly Pattern[] = [
  ...OF_CLIENTS,
  [
    /(?<![\w-])(-pass(?:in|out)?\s{1,3}["']?pass:)([^\s"'•]+)/g,
    (found, start, value) => (isReference(value) ? found : `${start}${HIDDEN}`),
  ],
  // `--password value`.
  [
    /(?<![\w-])(--?)([A-Za-z][\w.-]{0,80})(\s{1,3})("[^"\r\n]*"?|'[^'\r\n]*'?|[^\s-][^\s"']*)/g,
    (found, dashes, name, blank, value) =>
      (isSecretName(name) || /^(?:pass|pw)$/i.test(name)) &&
      !value.includes(HIDDEN) &&
      !isReference(withoutQuotes(value))
        ? `${dashes}${name}${blank}${HIDDEN}`
        : found,
  ],
  // `curl -u name:password`; a container's user is one number and its group another.
  [
    /(?<![\w-])(-[A-Za-z]{0,8}[uU]|--(?:proxy-)?user)(\s{1,3}|=)(["']?)([^\s"':•]{0,200}):([^\s"'•]+)/g,
    (found, option, blank, quote, user, password) =>
      isReference(password) || /^\d+:\d+$/.test(`${user}:${password}`)
        ? found
        : `${option}${blank}${quote}${HIDDEN}`,
  ],
  [
    /(?<![\w-])(-[A-Za-z]{0,8}[uU]|--(?:proxy-)?user)(\s{1,3}|=)("[^"\s:•]{0,80} [^":\r\n•]{0,80}:[^"\r\n•]+"?|'[^'\s:•]{0,80} [^':\r\n•]{0,80}:[^'\r\n•]+'?)/g,
    (found, option, blank, user) =>
      isReference(withoutQuotes(user).replace(/^[^:]*:/, ''))
        ? found
        : `${option}${blank}${HIDDEN}`,
  ],
];

/** Is one of the arguments a password by what the program before it makes of its option? */
export const holdsClientPassword = (text: string): boolean =>
  OF_CLIENTS.some(([shape, replace]) => text.replace(shape, replace) !== text);
