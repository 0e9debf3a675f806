/** Names whose values are secret, and what stands for a secret without being one. */

export const HIDDEN = '••••';

/** Words that make a name secretive wherever they are in it. */
const SECRET_WORDS: ReadonlySet<string> = new Set(
  'accesskey accountkey apikey authorization connectionstring connstr connstring cookie credential credentials passphrase passwd password pat privatekey pwd secret secretkey secrets sharedkey webhook'.split(
    ' ',
  ),
);
/** A key is a secret by the word before it: `API_KEY` is one, `SORT_KEY` and `MONKEY` are not. */
const BEFORE_KEY: ReadonlySet<string> = new Set(
  'access account admin aml anthropic api auth aws azure client cohere cosmos datadog db encryption endpoint eventgrid eventhub function functions gemini google hf host huggingface license maps master mistral openai primary private redis sas search secondary secret sendgrid service servicebus shared signing ssh storage stripe subscription twilio'.split(
    ' ',
  ),
);

/** Does a name say that its value is a secret? Words are told apart by case, `_`, `-` and `.`. */
export function isSecretName(name: string): boolean {
  const words = name
    .slice(0, 256)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.some((word, index) => {
    const before = words[index - 1];
    const last = index === words.length - 1;
    return (
      SECRET_WORDS.has(word) ||
      /(?:password|passwd|secret)$/.test(word) ||
      (last && (word.endsWith('token') || word === 'sas')) ||
      (last && (word === 'pass' || word === 'pw') && before !== undefined) ||
      (word === 'key' && before !== undefined && BEFORE_KEY.has(before)) ||
      (word === 'string' && (before === 'connection' || before === 'conn'))
    );
  });
}

/** What goes before a secret in a header, and is none. */
export const SCHEME = '(?:(?:Bearer|Basic|Token|ApiKey|Api-Key|Key|SharedKey|AMLToken)\\s{1,3})?';
/** `${NAME}` only names where a secret is. */
const ALL_REFERENCES = new RegExp(`^${SCHEME}(?:\\$\\{[A-Za-z_]\\w*\\}[:, ]?)+$`, 'i');

/** Nothing but environment variables, perhaps after the scheme of a header. */
export const isReference = (text: string): boolean => ALL_REFERENCES.test(text);
