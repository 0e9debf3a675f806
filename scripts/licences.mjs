// The licences of what is bundled: their terms ask for the notice wherever the code goes.
import { readdir, readFile } from 'node:fs/promises';

const FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
const NOTICE = /^(licen[cs]e|notice|copying)/i;

/**
 * @param {string} root folder of the package
 * @param {Iterable<string>} inputs files that were bundled, from there
 * @returns {Promise<string>}
 */
export async function licencesOf(root, inputs) {
  const folders = new Set([...inputs].flatMap((path) => FOLDER.exec(path)?.[0] ?? []));
  const notices = await Promise.all([...folders].map((folder) => noticeOf(`${root}${folder}`)));
  return `Software of others that is part of this package.\n\n${[...new Set(notices)].toSorted().join('\n')}`;
}

async function noticeOf(folder) {
  const {
    name,
    version,
    license = 'licence below',
  } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const files = (await readdir(folder)).filter((file) => NOTICE.test(file)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(`${folder}/${file}`, 'utf8')));
  const text = texts.join('\n').trim() || 'No licence text is part of that package.';
  return `${'-'.repeat(80)}\n${name} ${version}, ${license}\n\n${text}\n`;
}
