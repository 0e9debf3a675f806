import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ignore from 'ignore';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, describe, expect, test } from 'vitest';
import { assetHashes } from '../../../src/azure/asset-hash.js';
import { readIgnoreFile } from '../../../src/azure/ignore-file.js';
import { pathMatcher } from '../../../src/azure/ignore-matcher.js';
import { uploadList } from '../../../src/azure/upload-list.js';

interface Tree {
  files: Record<string, string>;
  /** Files beside the folder, and links in the folder to them. */
  outside?: Record<string, string>;
  links?: Record<string, string>;
  md5: string;
  sha256: string;
  /** In the official client's order. */
  uploads: string[];
}

// Digests and order by azure-ai-ml 1.35.2: `get_object_hash` (SHA-256; MD5, as its older versions
// have it, by exchanging the hash function) and `get_upload_files_from_folder`.
const TREES: Record<string, Tree> = {
  'case and punctuation': {
    files: {
      'b.txt': '1',
      'B2.txt': '2',
      _x: '3',
      'a.txt': '4',
      Z: '5',
      'conda.yaml': '6',
      MLmodel: '7',
      '~t': '8',
      '-y': '9',
    },
    md5: '1bddce78612740e466847b1f860cb7e1',
    sha256: 'd542a3bdaa920da6f0691f746b33a2f8f7b1856b21b52d75d3cef65d316f9bc9',
    uploads: ['-y', 'B2.txt', 'MLmodel', 'Z', '_x', 'a.txt', 'b.txt', 'conda.yaml', '~t'],
  },
  unicode: {
    files: {
      'Ä.txt': '1',
      'ä1.txt': '2',
      İx: '3',
      Σ: '4',
      ß: '5',
      ｆ: '6',
      '😀': '7',
      '日本/語.txt': '8',
      été: '9',
    },
    md5: '1f789436326e4b889f9a3ea76f5d14f7',
    sha256: 'f1e01f52f8e873b169dff4cdb373360ab4f49cf20ed118f74d1a92918d4c6338',
    uploads: ['Ä.txt', 'ß', 'ä1.txt', 'été', 'İx', 'Σ', '日本/語.txt', 'ｆ', '😀'],
  },
  nested: {
    files: {
      'model/sub/deep.bin': 'x',
      'model/a': 'y',
      'model.pkl': 'z',
      MLmodel: 'm',
      empty: '',
    },
    md5: '4b9133317e9311d58d94d425b6ef4258',
    sha256: '583c3938b8c0463bfe8b29f61c49414770fed537ad3ea02163a69b31411a8ef0',
    uploads: ['MLmodel', 'empty', 'model.pkl', 'model/a', 'model/sub/deep.bin'],
  },
  'amlignore wins': {
    files: {
      '.amlignore': '*.pkl\nsub/\n# note\n\n',
      '.gitignore': 'MLmodel\n',
      MLmodel: 'm',
      'a.pkl': 'p',
      'sub/x': 'x',
      'sub/y/z': 'z',
      'keep/b.pkl': 'q',
      'keep/c': 'c',
    },
    md5: '673c2376c13a3cb25517a1eb4c97c5fa',
    sha256: '94824351ce50a200a0e043dc958c7819989335208ce55989cc8915351a64c593',
    uploads: ['.amlignore', '.gitignore', 'MLmodel', 'keep/c'],
  },
  gitignore: {
    files: {
      '.gitignore': '/a\n**/B\n[Zz]*\ndata.CSV\n',
      MLmodel: 'm',
      a: '1',
      'x/a': '2',
      'x/B/c': '3',
      Zed: '4',
      'data.csv': '5',
      'data.CSV2': '6',
    },
    md5: '3cb20ad29fe0012212b7b4aa3919e1d6',
    sha256: '5c8220ab3a4fc862b307c04fa868ff15e656b935fe008d8602bc2d4ebc894a8b',
    uploads: ['.gitignore', 'MLmodel', 'data.CSV2', 'data.csv', 'x/a'],
  },
  links: {
    files: {
      MLmodel: 'm',
      'real/f': 'f',
    },
    outside: {
      one: 'o',
      'dir/n': 'n',
    },
    links: {
      link: 'one',
      linkdir: 'dir',
    },
    md5: 'f22b4afa27872b6c3a7659d1037f84be',
    sha256: 'ead71c5ce8b2c478c5ecce246e9df88c17ddbaacb57d80924a16ce9b25edb912',
    uploads: ['MLmodel', 'real/f', 'linkdir/n', 'link'],
  },
};

const root = mkdtempSync(join(tmpdir(), 'aml-rollout-hash-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

describe('the official client’s content hash', () => {
  test.each(Object.entries(TREES))('%s', async (name, tree) => {
    const base = join(root, name.replaceAll(' ', '-'));
    const folder = join(base, 'folder');
    for (const [path, content] of Object.entries(tree.files)) write(join(folder, path), content);
    for (const [path, content] of Object.entries(tree.outside ?? {})) {
      write(join(base, 'outside', path), content);
    }
    for (const [path, target] of Object.entries(tree.links ?? {})) {
      symlinkSync(join(base, 'outside', target), join(folder, path));
    }
    const ignored = await readIgnoreFile(folder);
    expect(await assetHashes(folder, ignored)).toEqual({ md5: tree.md5, sha256: tree.sha256 });
    const files = await uploadList(folder, ignored);
    expect(files.map((file) => file.remote)).toEqual(tree.uploads);
  });

  test('of one file, as recorded from the service', async () => {
    const path = join(root, 'hello.txt');
    writeFileSync(path, 'hello\r\n');
    const { md5 } = await assetHashes(path, { excludes: () => false });
    expect(md5).toBe('5b90126f4721a98e2b4fcda9204a387e');
  });

  test('a negated pattern is refused with its line', async () => {
    const folder = join(root, 'negated');
    write(join(folder, '.gitignore'), '*.pkl\n!model.pkl\n');
    await expect(readIgnoreFile(folder)).rejects.toMatchObject({
      failure: {
        kind: 'invalid',
        message: expect.stringContaining('.gitignore, line 2') as string,
      },
    });
  });

  test('a pattern longer than a path is refused with its line', async () => {
    const folder = join(root, 'long');
    write(join(folder, '.amlignore'), `*.pkl\n${'x'.repeat(100_000)}\n`);
    await expect(readIgnoreFile(folder)).rejects.toMatchObject({
      failure: {
        kind: 'invalid',
        message: '.amlignore, line 2 is longer than 4,096 characters.',
      },
    });
    for (const pattern of ['x', '?', '**/', '[a]', '['].map((each) =>
      each.repeat(4_096 / each.length),
    )) {
      write(join(folder, '.amlignore'), pattern);
      const ignored = await readIgnoreFile(folder);
      expect(typeof ignored.excludes(join(folder, 'code', 'model.pkl'))).toBe('boolean');
    }
  });

  test('a pattern with many wildcards is matched at once', async () => {
    const folder = join(root, 'wildcards');
    const deep = 'a/'.repeat(1_000);
    const long = 'a'.repeat(250);
    for (const [pattern, path, excluded] of [
      [`${'**/a/'.repeat(500)}b`, `${deep}c`, false],
      [`${'**/a/'.repeat(500)}c`, `${deep}c`, true],
      [`${'*a'.repeat(100)}b`, long, false],
      [`${'*a'.repeat(100)}*`, long, true],
      [`${'**/*a*a'.repeat(100)}/b/`, `${`${long}/`.repeat(10)}c`, false],
    ] as const) {
      write(join(folder, '.amlignore'), pattern);
      const ignored = await readIgnoreFile(folder);
      expect(ignored.excludes(join(folder, path))).toBe(excluded);
    }
  });

  test('patterns exclude what they exclude in git', async () => {
    const parts = [...'ab*?/.-] ', '**', '***', '**/', '/**', '[ab]', '[!a]', '[^a/]', '[a/b]'];
    parts.push('[a-c]', '[[:alpha:]]', '[]a]', '[\\]]', '[', '\\a', '\\*');
    const names = ['a', 'b', '.a', 'ab', 'abc', 'a*', 'a.b', ']', '-', ' a'];
    const random = xoroshiro128plus(7);
    const one = (all: readonly string[]) => all[uniformInt(random, 0, all.length - 1)] ?? '';
    const some = (all: readonly string[], most: number) =>
      Array.from({ length: uniformInt(random, 1, most) }, () => one(all));
    let excluded = 0;
    for (let round = 0; round < 4_000; round += 1) {
      const pattern = some(parts, 7).join('').trimEnd();
      const path = some(names, 5);
      const git = ignore({ ignorecase: false, allowRelativePaths: true }).add([pattern]);
      const expected = git.ignores(path.join('/'));
      if (expected) excluded += 1;
      expect([pattern, path, pathMatcher(pattern)?.(path) ?? false]).toEqual([
        pattern,
        path,
        expected,
      ]);
    }
    expect(excluded).toBeGreaterThan(200);
  });

  test('a link to a folder above ends', async () => {
    const folder = join(root, 'loop');
    write(join(folder, 'MLmodel'), 'm');
    symlinkSync(folder, join(folder, 'again'));
    const ignored = await readIgnoreFile(folder);
    expect((await uploadList(folder, ignored)).map((file) => file.remote)).toEqual(['MLmodel']);
    // The link's name counts, what it leads to does not.
    const seen = 'Initialize for october 2021 AML CLI version' + 'again' + 'MLmodel' + 'm';
    const hash = (name: string) => createHash(name).update(seen, 'ascii').digest('hex');
    expect(await assetHashes(folder, ignored)).toEqual({
      md5: hash('md5'),
      sha256: hash('sha256'),
    });
  });
});
