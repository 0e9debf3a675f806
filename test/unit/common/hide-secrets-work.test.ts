import { describe, expect, it } from 'vitest';
import { hideSecrets } from '../../../src/common/hide-secrets.js';
import { HIDDEN } from '../../../src/common/secret-names.js';

describe('the work of hiding secrets', () => {
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
      'mysql ',
      'mysql "',
      'mysql -p ',
      '"mysql ',
      'curl -u',
      'password=[',
      'password={"\\"',
      'password=["',
      'name: a ',
      'name:PW,value',
      'machine a login a ',
      '://a:b/',
      'https://hooks.slack.com/a/',
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
