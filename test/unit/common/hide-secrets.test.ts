import { describe, expect, it } from 'vitest';
import {
  HIDDEN,
  hideSecrets,
  hideSecretsIn,
  isSecretName,
  looksSecret,
  secretPath,
} from '../../../src/common/hide-secrets.js';

// Put together here, so that no scanner takes these for real ones.
const RANDOM = 'q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6';
const LOWER = 'k2j4h6g8f3d5s7a2q4w6e2r4t6y2u4i6o2p4l6k2j4h6';
const PEM = (kind: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\nabc\n-----END ${kind}PRIVATE KEY-----`;

/** The kind, a text that holds it, and the part that nobody may see. */
const SECRETS: [kind: string, text: string, secret: string][] = [
  [
    'a shared access signature',
    'https://a.blob.core.windows.net/c?sv=1&sig=aB3%2FcdEfGhIjKlMnOpQrStUv',
    'cdEfGhIjKlMnOpQrStUv',
  ],
  ['a storage key', `${'aB3+'.repeat(21)}aB==`, 'aB3+aB3'],
  ['an account key', 'DefaultEndpointsProtocol=https;AccountKey=abc123==', 'abc123'],
  ['a token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'c2lnbmF0dXJl'],
  ['a header', 'Authorization: Bearer abcdefghijklmnop1234', 'abcdefghijklmnop1234'],
  ['basic authorization', 'Authorization: Basic YWRhOmh1bnRlcjI=', 'YWRhOmh1bnRlcjI'],
  ['an endpoint key', RANDOM, RANDOM],
  ['a password in a url', 'http://ada:hunter2@proxy:8080', 'hunter2'],
  ['a password in a url of an odd scheme', `${'x'.repeat(40)}://ada:hunter2@x`, 'hunter2'],
  ['a password in a url without a scheme', '://ada:hunter2@x', 'hunter2'],
  ['a password without a user', 'redis://:hunter2@cache:6380/0', 'hunter2'],
  ['a password variable', 'DB_PASS=hunter2', 'hunter2'],
  ['a quoted password', 'export DB_PASSWORD="hunter two"', 'hunter two'],
  ['a password in JSON', '{"dbPassword": "hunter2", "port": 1}', 'hunter2'],
  ['a password with a quote', '{"password":"a\\\\"hunter2"}'.replace('\\\\', '\\'), 'hunter2'],
  ['a password cut off', 'DB_PASSWORD="hunter2', 'hunter2'],
  ['a password in JSON in JSON', '{\\"password\\":\\"hunter2\\",\\"n\\":1}', 'hunter2'],
  ['a password in YAML', 'password: hunter2', 'hunter2'],
  ['a token on a command line', 'ask --token=argsecret12345', 'argsecret12345'],
  ['a password on a command line', 'login --password hunter2 --user ada', 'hunter2'],
  [
    'a connection string',
    'CONN="Server=tcp:db,1433;User ID=ada;Password=hunter2;Encrypt=True"',
    'hunter2',
  ],
  ['an older connection string', 'Driver={ODBC};Uid=ada;Pwd=hunter2;', 'hunter2'],
  ['an Azure DevOps token', `PIPELINE ${LOWER}`, LOWER],
  ['a GitHub token', `ghp_${RANDOM}abcd`, RANDOM],
  ['a fine-grained GitHub token', `github_pat_11AAAA_${RANDOM}`, RANDOM],
  ['a GitLab token', 'glpat-a1B2c3D4e5F6g7H8i9J0', 'a1B2c3D4e5F6g7H8i9J0'],
  ['a Databricks token', 'dapi0123456789abcdef0123456789abcdef', '0123456789abcdef'],
  ['a Hugging Face token', `hf_${RANDOM}`, RANDOM],
  ['a Slack token', 'xoxb-1234567890-abcdefghij', '1234567890-abcdefghij'],
  ['an AWS key', 'AKIAIOSFODNN7EXAMPL3', 'IOSFODNN7EXAMPL3'],
  ['a client secret', `abc8Q~${'Xy-9_z.'.repeat(5).slice(0, 34)}`, 'Xy-9_z.Xy'],
  ['a private key', `before ${PEM('')} after`, 'MIIEvQIBADANBgkqhkiG'],
  ['an RSA key', PEM('RSA '), 'MIIEvQIBADANBgkqhkiG'],
  ['a private key cut off', PEM('EC ').slice(0, 60), 'MIIEvQIBAD'],
  ['a cookie', 'Cookie: session=abc; theme=dark', 'abc'],
  ['a cookie that is set', 'Set-Cookie: id=a3fWa; Max-Age=2592000', 'a3fWa'],
  ['a Slack webhook', 'https://hooks.slack.com/services/T000/B000/XXXX', 'XXXX'],
  ['a Teams webhook', 'https://x.webhook.office.com/webhookb2/0f/IncomingWebhook/ab/cd', '0f/Inc'],
  ['a Discord webhook', 'https://discord.com/api/webhooks/123/abc', '123/abc'],
  ['an API key header', 'x-api-key: abc', 'abc'],
  ['a header without a scheme', 'Authorization: abc', 'abc'],
  ['a header with an unknown scheme', 'Authorization: Token hunter2', 'hunter2'],
  ['a header with a list', 'Authorization: Digest username="ada", response="6629fae4"', '6629fae4'],
  ['a header of functions', 'x-functions-key: hunter2', 'hunter2'],
  ['a key of a service', 'OPENAI_KEY=hunter2', 'hunter2'],
  ['a short name', 'DB_PW=hunter2', 'hunter2'],
  ['a signature by its name', 'SAS=hunter2', 'hunter2'],
  ['a password in XML', '<dbPassword kind="x">hunter2</dbPassword>', 'hunter2'],
  ['a password with an arrow', "'password' => 'hunter2'", 'hunter2'],
  ['a password in a block', 'password: |\n  one\n  hunter2\nuser: ada', 'hunter2'],
  ['a password with doubled quotes', "Password='ab''hunter2';Encrypt=True", 'hunter2'],
  ['a password in JSON in CSV', '"{""password"":""hunter2"",""n"":1}"', 'hunter2'],
  ['a password half hidden', `password="https://${HIDDEN}@x hunter2"`, 'hunter2'],
  ['a PGP key', PEM('PGP ').replaceAll('KEY-', 'KEY BLOCK-'), 'MIIEvQIBADANBgkqhkiG'],
  ['a token for a user', 'https://hunter2@pypi.fury.io/acme/', 'hunter2'],
  ['a token for a repository', 'git+https://a1b2c3d4e5f6@github.com/acme/x', 'a1b2c3d4e5f6'],
  ['a token of conda', 'https://conda.anaconda.org/t/hunter2/acme', 'hunter2'],
  ['a token of a copy of conda', 'https://packages.corp/t/ab-1c2d3e4f5a6b/acme', '1c2d3e4f5a6b'],
  ['a token of Cloudsmith', 'https://dl.cloudsmith.io/hunter2/acme/x/python/', 'hunter2'],
  ['a user on a command line', 'curl -sSu bob:hunter2 https://x', 'hunter2'],
  ['a user with a long option', "curl --user 'bob:hunter2' https://x", 'hunter2'],
  ['a quoted password on a command line', "login --password 'my hunter2' x", 'hunter2'],
  ['a value after a code of a failure', 'InvalidPassword: hunter2', 'hunter2'],
  [
    'a token in the sentence after a code',
    `AuthorizationFailed: The client has token=${RANDOM} only`,
    RANDOM,
  ],
  ['a coloured password', '\x1b[36mpassword\x1b[0m=\x1b[35mhunter2\x1b[0m db', 'hunter2'],
  ['a coloured header', '\x1b[1mAuthorization:\x1b[0m Bearer \x1b[32mhunter2\x1b[0m', 'hunter2'],
  ['a password of no width', 'pass\u200bword=\u2060hunter2', 'hunter2'],
  ['a coloured value in quotes', 'password=\x1b[35m"my hunter2"\x1b[0m', 'hunter2'],
  ['a title of a window', '\x1b]0;password=hunter2\x07', 'hunter2'],
];

describe('what looks like a secret', () => {
  it.each(SECRETS)('%s', (_, text, secret) => {
    expect(text).toContain(secret);
    expect(looksSecret(text)).toBe(true);
    const hidden = hideSecrets(text);
    expect(hidden).toContain(HIDDEN);
    expect(hidden).not.toContain(secret);
    expect(hideSecrets(hidden)).toBe(hidden);
  });

  it.each([
    ['a SHA-256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['an MD5 in upper case', 'E3B0C44298FC1C149AFBF4C8996FB924'],
    [
      'an operation',
      'https://management.azure.com/subscriptions/1c2b0d2a-1b1b-4b1b-8b1b-0123456789ab/providers/Microsoft.MachineLearningServices/locations/westeurope/mfeOperationsStatus/od:1c2b0d2a-1b1b-4b1b-8b1b-0123456789ab:0f0e0d0c-1b1b-4b1b-8b1b-0123456789ab?api-version=2023-04-01',
    ],
    ['a shortened key', '••••1f2c'],
    ['a split', 'default=90 xgboost-model-8=10'],
    ['a path', '/home/ada/Projects/HeartClassifierVersion2/models/v1'],
    ['an animal', 'MONKEY=chimp'],
    ['a layout', 'KEYBOARD_LAYOUT=us, SORT_KEY=age, key=age'],
    ['a count', 'max_tokens=512 bypass=1 tokenizer: bert'],
    ['a user in a url', 'https://ada@dev.azure.com/org'],
    ['a container', 'abfss://azureml-blobstore-1c2b0d2a@account1.dfs.core.windows.net/x'],
    ['a package of a version', 'https://cdn.example/npm/vega@5.1'],
    ['variables in a url', 'https://${USER}:${PW}@x/ https://${T}@y/ https://conda.x/t/${T}/a'],
    ['a topic of a forum', 'https://discuss.pytorch.org/t/cuda-error-59-device-side-assert/1234'],
    ['a user by number', 'docker run --user 1000:1000 -u 0:0 x'],
    ['a variable for a user', 'curl -u bob:${PW} --user "${USER}:${PW}" --password "${PW}" x'],
    ['a place for a password', 'login <user> <password> on <host>'],
    ['words in XML', '<user>ada</user><sort-key>age</sort-key>'],
    ['a model', 'sk-learn-random-forest-classifier'],
    [
      'a code of storage',
      'Download failed: 403 AuthorizationPermissionMismatch: This request is not authorized to perform this operation.',
    ],
    [
      'a code of a right',
      "AuthorizationFailed: The client 'ada' does not have authorization to perform action 'read'",
    ],
    [
      'a code of a sign-in',
      'InvalidAuthenticationToken: The access token is for another tenant: sign in again.',
    ],
    ['colours and tabs', '\x1b[36mlevel\x1b[0m=\tinfo\r\n'],
    ['a code of a token', 'ExpiredAuthenticationToken: The access token expiry is in the past.'],
  ])('not %s', (_, text) => expect(hideSecrets(text)).toBe(text));

  it('leaves what is around it', () => {
    expect(hideSecrets('a DB_PASS=x b')).toBe(`a DB_PASS=${HIDDEN} b`);
    expect(hideSecrets('a:\n  password: >-\n    x\n\n     y\n  user: ada')).toBe(
      `a:\n  password: ${HIDDEN}\n  user: ada`,
    );
    expect(hideSecrets('Authorization: Token x to y')).toBe(`Authorization: ${HIDDEN} to y`);
    expect(hideSecrets(`password=${HIDDEN}. Its log`)).toBe(`password=${HIDDEN}. Its log`);
    expect(hideSecrets('{"password":"x","n":1}')).toBe(`{"password":"${HIDDEN}","n":1}`);
    expect(hideSecrets(`before ${PEM('')} after`)).toBe(`before ${HIDDEN} after`);
  });

  it.each([
    'DB_PASS',
    'apiKey',
    'PRIMARY-KEY',
    'HF_TOKEN',
    'conn.string',
    'clientSecret',
    'sasToken',
  ])('the name %s', (name) => expect(isSecretName(name)).toBe(true));
  it.each(['MONKEY', 'WORKERS', 'PASSES', 'TOKENS', 'KEY', 'PATH', 'LOG_LEVEL'])(
    'not the name %s',
    (name) => expect(isSecretName(name)).toBe(false),
  );
});

describe('secrets in plain values', () => {
  it('are found and hidden wherever they are', () => {
    expect(secretPath({ a: { b: ['x', RANDOM] } })).toBe('a.b.1');
    expect(secretPath({ a: 1, b: 'x' })).toBeUndefined();
    expect(secretPath({ tags: { DB_PASS: 'x' } })).toBe('tags.DB_PASS');
    const hidden = hideSecretsIn({ a: [`key ${RANDOM}`], n: 1, tags: { DB_PASS: 'x' } });
    expect(hidden).toEqual({ a: [`key ${HIDDEN}`], n: 1, tags: { DB_PASS: HIDDEN } });
    expect(secretPath(hidden)).toBeUndefined();
  });
});

describe('the work', () => {
  const PIECES = [
    ...['a', 'a.', 'a-', 'aB3', 'eyJ-', 'eyJa.', 'a:', '://', '://a:', '://a@', 'a=', 'a="', "a='"],
    ...[
      'a: ',
      '--a ',
      '-a',
      'sig=',
      '&sig=',
      'cookie: ',
      'a="\\',
      'password',
      'password=',
      ' ',
      '\n',
    ],
    ...[
      '<password>',
      '<password>a',
      '<a ',
      '-u a',
      '-u a:',
      '/t/',
      'a/t/',
      'conda/t/a',
      'https://a@',
    ],
    ...[
      'password=|\n ',
      'password: | ',
      'password=|\n',
      'password=""',
      '\x1b[1m',
      '\x1b]0;',
      'pass\u200bword=',
      "password='a''",
      'x-token="" ',
    ],
    ...['Authorization: ', 'Authorization: Digest ', 'Authorization: a ', "--pw '", 'a https://'],
    ...[
      'Bearer ',
      'ghp_',
      '8Q~',
      '+/',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN ',
      'http://',
      '_',
    ],
  ];
  const milliseconds = (text: string): number => {
    const start = performance.now();
    hideSecrets(text);
    return performance.now() - start;
  };

  it.each(PIECES)('grows with the text, not with its square: %j', (piece) => {
    const text = (length: number) => `${piece.repeat(Math.ceil(length / piece.length))}${HIDDEN}`;
    milliseconds(text(1_000));
    const short = Math.max(milliseconds(text(20_000)), milliseconds(text(20_000)), 10);
    // Ten times the text takes ten times as long; a hundred times would be its square.
    expect(milliseconds(text(200_000))).toBeLessThan(short * 40);
  });
});
