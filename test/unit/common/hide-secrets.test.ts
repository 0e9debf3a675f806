import { describe, expect, it } from 'vitest';
import {
  hideSecrets,
  hideSecretsIn,
  looksSecret,
  secretPath,
} from '../../../src/common/hide-secrets.js';
import { HIDDEN, isSecretName } from '../../../src/common/secret-names.js';

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
  ['a list', '{"password":["hunter2"],"n":1}', 'hunter2'],
  ['an object', '{"password": {"value": "a}b", "x": ["hunter2"]}}', 'hunter2'],
  ['a list in JSON in JSON', '{\\"password\\":[\\"a\\",\\"hunter2\\"]}', 'hunter2'],
  ['a list cut off', '{"password":["a","hunter2', 'hunter2'],
  ['a pair of name and value', '{"name":"DB_PASSWORD","value":"hunter2"}', 'hunter2'],
  ['a pair of key and value', '{"Key": "DB_PASSWORD",\n  "Value": "hunter2"}', 'hunter2'],
  ['a setting of an app', '{"name":"API_KEY","slotSetting":false,"value":"hunter2"}', 'hunter2'],
  ['a pair in YAML', '- name: DB_PASSWORD\n  value: hunter2', 'hunter2'],
  ['a password behind a variable', 'password=${A}:hunter2', 'hunter2'],
  ['a short name alone', 'PASS=hunter2', 'hunter2'],
  ['a password of npm', '//registry.corp/:_auth = hunter2', 'hunter2'],
  ['a line of .netrc', 'machine h login ada password hunter2', 'hunter2'],
  ['a key of Event Grid', 'aeg-sas-key: hunter2', 'hunter2'],
  ['a signature of AWS', 'https://b.s3.amazonaws.com/x?a=1&X-Amz-Signature=hunter2', 'hunter2'],
  ['a slash in the password of a url', 'https://bob:pa/hunter2@h/x', 'hunter2'],
  ['a bot of Telegram', 'https://api.telegram.org/bot123456:hunter2/sendMessage', 'hunter2'],
  ['a Zapier webhook', 'https://hooks.zapier.com/hooks/catch/1/hunter2', 'hunter2'],
  ['a Slack webhook of a government', 'https://hooks.slack-gov.com/services/T0/B0/XX', 'T0/B0/XX'],
  ...[
    'mysql -uroot -phunter2 -h db failed',
    '/usr/bin/mysqldump -u root -e "select 1;" -p"hunter2" db',
    'sqlcmd -S db -U sa -P hunter2',
    'redis-cli -h cache -a hunter2 ping',
    'sshpass -p hunter2 ssh ada@h',
    "mongosh -u ada -p 'my hunter2'",
    'docker login -u ada -p hunter2 x.azurecr.io',
    'az login --service-principal -u a -p hunter2 --tenant x',
    'az acr login -n x -u a -p hunter2',
    'curl -sSubob:hunter2 https://x',
    'curl -u :hunter2 https://x',
    "curl -u 'bob smith:hunter2' https://x",
    'smbclient -U bob%hunter2 //h/x',
    'openssl rsa -in k.pem -passin pass:hunter2',
  ].map((line): [string, string, string] => [line, line, 'hunter2']),
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
    ['ports', 'http -p 8080; docker run --name mysql -p3306:3306 x; redis-cli -p 6379; ps -aux'],
    [
      'folders',
      'mysql x | mkdir -pv foo; cp -a x y; docker ps; mkdir -p login; mysql -u root -p db',
    ],
    ['variables of clients', 'mysql -p${PW}; curl -ubob:${PW}; sqlcmd -P ${PW}; PASS=${PW}'],
    ['a variable of a bot', 'https://api.telegram.org/bot${T}/sendMessage?chat_id=1'],
    ['counts of tests', 'PASS: 3 pass=2 PASS=3 FAIL=1'],
    ['pairs of plain names', '{"name":"MONKEY","value":"chimp"} name: SORT_KEY\n  value: age'],
    ['a port and a package', 'http://h:4873/@scope/x http://[::1]:80/@x http://h:${PORT}/@x'],
    ['empty lists', 'passwords: [], {"password":[], "secrets": {}}'],
    ['a code of a token', 'ExpiredAuthenticationToken: The access token expiry is in the past.'],
  ])('not %s', (_, text) => expect(hideSecrets(text)).toBe(text));

  it('leaves what is around it', () => {
    expect(hideSecrets('a DB_PASS=x b')).toBe(`a DB_PASS=${HIDDEN} b`);
    expect(hideSecrets('a:\n  password: >-\n    x\n\n     y\n  user: ada')).toBe(
      `a:\n  password: ${HIDDEN}\n  user: ada`,
    );
    expect(hideSecrets('Authorization: Token x to y')).toBe(`Authorization: ${HIDDEN} to y`);
    expect(hideSecrets(`password=${HIDDEN}. Its log`)).toBe(`password=${HIDDEN}. Its log`);
    expect(hideSecrets('{"password":[{"a":"x"}],"n":1}')).toBe(`{"password":${HIDDEN},"n":1}`);
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
