/**
 * Finds what looks like a key, a token or a password in text from anywhere. Every pattern starts at
 * a place that can't start again inside its own match, so the work grows linearly with the text.
 */

import { sanitizeText } from './sanitize.js';
import { ARGUMENTS, type Pattern } from './secret-arguments.js';
import { HIDDEN, SCHEME, isReference, isSecretName } from './secret-names.js';

const all = (): string => HIDDEN;
const digits = (text: string): number => text.match(/\d/g)?.length ?? 0;
/** A hash or an identifier in hexadecimal is no secret, and never mixes cases. */
const mixesCases = (text: string): boolean =>
  /[a-z]/.test(text) && /[A-Z]/.test(text) && digits(text) >= 2;
/** Base 32 and base 36, as Azure DevOps writes its tokens; hexadecimal is a hash. */
const isLowerCaseToken = (text: string): boolean =>
  text.length >= 40 && /^[a-z0-9]+$/.test(text) && /[g-z]/.test(text) && digits(text) >= 4;

/** A container of storage stands where http has a user, and a service of repositories may name one. */
const isTokenAlone = (scheme: string, user: string, host: string): boolean =>
  /^(?:[\w-]{1,9}\+)?https?$/i.test(scheme) &&
  !(
    /^(?:dev\.azure\.com|(?:[\w-]+\.)?(?:visualstudio\.com|github\.com|gitlab\.com|bitbucket\.org))$/i.test(
      host,
    ) && /^[A-Za-z][A-Za-z._-]{0,39}\d{0,4}$/.test(user)
  );

const PATTERNS: readonly Pattern[] = [
  [
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    all,
  ],
  // A line of a PEM or PKCS file whose first line is elsewhere.
  [/^[A-Za-z0-9+/]{64}$|^[A-Za-z0-9+/]{76}$/gm, (found) => (mixesCases(found) ? HIDDEN : found)],
  // Shared access signatures, authorization codes and the like in a url.
  [/\bsig=[A-Za-z0-9%+/=_-]{16,}/gi, all],
  [
    /([?&](?:sig|code|client_secret|access_token|token|key|(?:x-(?:amz|goog)-)?signature)=)(?!\$\{[A-Za-z_]\w*\}(?:[&\s"'#]|$))[^&\s"'•]+/gi,
    (_, start) => `${start}${HIDDEN}`,
  ],
  // A slash in the password of a url; behind a host would be a port.
  [
    /(:\/\/)([^\s/?#"'@:[•]{0,100}):(?!\d{1,5}[/?#;,]|\$\{)([^\s?#"'@•/]{0,100}\/[^\s?#"'@•]{0,200})@/g,
    (_, start) => `${start}${HIDDEN}@`,
  ],
  // User and password in a url, or a token alone, as indexes of packages have it.
  [
    /([A-Za-z][\w+.-]{0,30})?:\/\/([^\s/?#"'@•]*(?:@[^\s/?#"'@•]*)*)@([\w.-]{0,253})/g,
    (found, scheme = '', user = '', host = '') =>
      isReference(user) || !(user.includes(':') || isTokenAlone(scheme, user, host))
        ? found
        : `${scheme}://${HIDDEN}@${host}`,
  ],
  // Tokens in the path to an index of packages: of conda, and of Cloudsmith.
  [
    /(?<![\w.-])([\w.-]{1,253}(?::\d{1,5})?\/t\/)([^\s/?#"'•]+)/g,
    (found, start, token) =>
      !isReference(token) &&
      (/conda/i.test(start) || /^(?:[a-z]{2}-)?(?=\D*\d)[A-Za-z\d]{12,}$/.test(token))
        ? `${start}${HIDDEN}`
        : found,
  ],
  [
    /(\bdl\.cloudsmith\.io\/)(?!(?:public|basic)\/)([^\s/?#"'•]+)/g,
    (found, start, token) => (isReference(token) ? found : `${start}${HIDDEN}`),
  ],
  // Webhooks, whose address is all that one needs to post.
  [
    /(\b(?:hooks\.slack(?:-gov)?\.com\/|hooks\.zapier\.com\/|api\.telegram\.org\/(?:file\/)?bot|discord(?:app)?\.com\/api\/webhooks\/|outlook\.office(?:365)?\.com\/webhook|[\w-]{1,63}\.webhook\.office\.com\/))(?!(?:[a-z]{1,20}\/){0,3}\$\{[A-Za-z_]\w*\}(?:\/[A-Za-z]{0,40})?(?:[\s"'?#]|$))[^\s"'•]+/gi,
    (_, host) => `${host}${HIDDEN}`,
  ],
  // A line of .netrc.
  [
    /(\b(?:machine\s{1,8}[^\s•]{1,253}|default)\s{1,8}login\s{1,8}[^\s•]{1,200}\s{1,8}password\s{1,8})([^\s•]+)/g,
    (_, start) => `${start}${HIDDEN}`,
  ],
  [/\b(?:(?:set-)?cookie)["']?\s{0,3}[:=]\s{0,3}["']?[^\r\n"'•]+/gi, all],
  [
    /\b(Bearer|Basic|SharedKey|AMLToken)(\s{1,3})[A-Za-z0-9._~+/=-]{8,}/gi,
    (_, scheme, blank) => `${scheme}${blank}${HIDDEN}`,
  ],
  // JSON Web Token.
  [/(?<![\w-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.?[A-Za-z0-9_-]*/g, all],
  // Tokens that say whose they are, from GitHub to Databricks.
  [
    /(?<![\w.-])(?:gh[opsur]_|github_pat_|glpat-|xox[a-z]-|dapi|hf_|npm_|pypi-|sk[-_]|rk_|AKIA|ASIA|AIza|SG\.|dop_v1_|shpat_|dckr_pat_)[A-Za-z0-9_.-]{16,}/g,
    (found) => (digits(found) >= 2 ? HIDDEN : found),
  ],
  // Client secret of Microsoft Entra ID.
  [/(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])/g, all],
  // Storage account key: 64 bytes in base64.
  [/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==/g, all],
  // Endpoint keys: 32 letters and digits, or the longer form of newer endpoints.
  [
    /(?<![A-Za-z0-9])[A-Za-z0-9]{32,}(?![A-Za-z0-9])/g,
    (found) => (mixesCases(found) || isLowerCaseToken(found) ? HIDDEN : found),
  ],
  ...ARGUMENTS,
  [
    /(<([A-Za-z][\w:.-]{0,80})(?:\s[^<>]{0,200})?>)(\s*)([^<\s][^<]*)(?=<\/)/g,
    (found, start, name, blank, value) =>
      isSecretName(name) && !value.includes(HIDDEN) && !isReference(value.trim())
        ? `${start}${blank}${HIDDEN}`
        : found,
  ],
];

/** `${NAME}` only names where a secret is. */
const REFERENCE = new RegExp(`["']?${SCHEME}\\$\\{[A-Za-z_]\\w*\\}(?![^\\s"',;&)\\]}])`, 'iy');
/** `name=` and `name: `, also quoted, as in connection strings, JSON and YAML; or a pair of name and value. */
const NAMED =
  /(?<![\w.-])(?:(?:[Nn]ame|[Kk]ey)\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?([A-Za-z_][\w.-]{0,80})\\?["']?,?\s{0,80}(?:\\?["']slotSetting\\?["']\s{0,3}:\s{0,3}\w{1,5},\s{0,80})?\\?["']?[Vv]alue|(?:--?)?([A-Za-z_][\w.-]{0,80}(?: (?:Key|Id|String))?))\\?["']{0,2}\s{0,3}[=:]{1,2}>?\s{0,3}/g;
/** Quoted or not, and also with its end cut off; quotes in it may be doubled. */
const QUOTED =
  /("")[^",\s}\]][^"\r\n]*("")?|(")(?:[^"\\\r\n]|\\.|"")*(")?|(\\")(?:[^"\\\r\n]|\\[^"\r\n])*(\\")?|(')(?:[^'\r\n]|'')*(')?/;
/** Lines of YAML that are indented as the first one is. */
const BLOCK =
  /[|>][-+\d]{0,2}[ \t]*\r?\n(?<indent>[ \t]+)[^\r\n]*(?:\r?\n(?:\k<indent>[^\r\n]*|[ \t]*(?=\r?\n)))*/;
const WORD = /(?:\$\{[A-Za-z_]\w*\}|[^\s,;"'&}\]])+/;
/** A scheme and what it takes; some take a list to the end of the line. */
const CREDENTIALS =
  /(?:Digest|Hawk|OAuth|AWS4-HMAC-SHA256)\s[^\r\n]+|[A-Za-z][\w-]{0,30}\s{1,3}[^\s,;"'&}\]]+/;

const either = (...shapes: RegExp[]): RegExp =>
  new RegExp(shapes.map(({ source }) => source).join('|'), 'yi');
const VALUE = either(QUOTED, BLOCK, WORD);
const AUTHORIZATION = either(QUOTED, BLOCK, CREDENTIALS, WORD);

/** Nothing is left to hide, whatever a sentence has behind it. */
const IS_HIDDEN = new RegExp(`^${SCHEME}(?:${HIDDEN})+[\\s.,:;!?)…]*$`, 'i');

/** What follows a code of a failure, such as `AuthorizationFailed: The client …`: words, no value. */
const SENTENCE = /[A-Z][a-z']{0,20} [a-z]{1,20} /y;
const isFailureCode = (name: string): boolean =>
  /^(?:[A-Z][a-z]+){2,}$/.test(name) &&
  /Fail|Error|Mismatch|Invalid|Expired|Missing|Denied|Forbidden|Not[A-Z]/.test(name);

/** Names that say so in an assignment alone: `PASS: 3` counts tests. */
const ASSIGNED =
  /^(?:PASS|PW|pw|_auth)["']{0,2}\s{0,3}=\s{0,3}["']?(?!(?:\d{1,5}|true|false|TRUE|FALSE|yes|no)\b)/;

/** So much of a list or an object is looked through for its end. */
const LONGEST_LIST = 4_000;

/** The list or object that begins here; where its end is missing, the rest of the line. */
function bracketed(text: string, at: number): string | undefined {
  if (!/[[{]/.test(text[at] ?? '')) return undefined;
  let depth = 0;
  for (const found of text.slice(at, at + LONGEST_LIST).matchAll(LIST_PARTS)) {
    if (/^[[{]/.test(found[0])) depth += 1;
    else if (/^[\]}]/.test(found[0])) depth -= 1;
    if (depth === 0) return text.slice(at, at + found.index + 1);
  }
  return /[^\r\n]*/.exec(text.slice(at, at + LONGEST_LIST))?.[0];
}

/** Text in quotes, whose brackets count for nothing, and brackets. */
const LIST_PARTS = /\\"[^"\\]*(?:\\")?|"(?:[^"\\]|\\.)*"?|[[{\]}]/gs;
const isEmptyList = (list: string): boolean => /^[[{][\s•]*[\]}]?$/.test(list);

/** Values whose name tells that they are secret. */
function hideNamed(text: string): string {
  let result = '';
  let done = 0;
  for (const found of text.matchAll(NAMED)) {
    const at = found.index + found[0].length;
    const name = found[1] ?? found[2] ?? '';
    if (found.index < done) continue;
    if (!isSecretName(name) && !ASSIGNED.test(text.slice(found.index, at + 8))) continue;
    SENTENCE.lastIndex = at;
    if (isFailureCode(name) && SENTENCE.test(text)) continue;
    REFERENCE.lastIndex = at;
    if (REFERENCE.test(text)) continue;
    const list = bracketed(text, at);
    if (list !== undefined) {
      if (isEmptyList(list)) continue;
      result += `${text.slice(done, at)}${HIDDEN}`;
      done = at + list.length;
      continue;
    }
    const shape = /authorization$/i.test(name) ? AUTHORIZATION : VALUE;
    shape.lastIndex = at;
    const value = shape.exec(text);
    if (!value) continue;
    const start = value[1] ?? value[3] ?? value[5] ?? value[7] ?? '';
    const end = value[2] ?? value[4] ?? value[6] ?? value[8] ?? '';
    const inside = value[0].slice(start.length, value[0].length - end.length);
    if (inside === '' || IS_HIDDEN.test(inside) || isReference(inside)) continue;
    result += `${text.slice(done, at)}${start}${HIDDEN}${end}`;
    done = at + value[0].length;
  }
  return result + text.slice(done);
}

const hide = (text: string): string =>
  hideNamed(PATTERNS.reduce((rest, [shape, replace]) => rest.replace(shape, replace), text));

/**
 * The text with everything that looks like a secret replaced by dots. Colours and characters of no
 * width would separate a name from its value, so a text that holds a secret comes back without them.
 */
export function hideSecrets(text: string): string {
  const clean = sanitizeText(text);
  const hidden = hide(clean);
  if (hidden !== clean) return hidden;
  // What cleaning takes out, such as the title of a window, may be all that is secret.
  return clean === text ? text : hide(text);
}

export const looksSecret = (text: string): boolean => hideSecrets(text) !== text;

const isSecretMember = (name: string, value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value !== HIDDEN &&
  isSecretName(name) &&
  !isReference(value);

/** Every text in a plain value, with what looks like a secret replaced by dots. */
export function hideSecretsIn<T>(value: T): T {
  if (typeof value === 'string') return hideSecrets(value) as T;
  if (Array.isArray(value)) return value.map(hideSecretsIn) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        isSecretMember(name, each) ? HIDDEN : hideSecretsIn(each as unknown),
      ]),
    ) as T;
  }
  return value;
}

/** Where a plain value holds a secret, as a path like `change.spec.tags.x`; `undefined`: nowhere. */
export function secretPath(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return looksSecret(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, each] of Object.entries(value)) {
    const inside = path === '' ? name : `${path}.${name}`;
    const found = isSecretMember(name, each) ? inside : secretPath(each, inside);
    if (found !== undefined) return found;
  }
  return undefined;
}
