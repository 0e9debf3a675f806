/** Code versions: folders with a scoring script, registered as the official client does (`_code_operations`). */
import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseCode, parseShort } from '../common/model-ref.js';
import { CODE_HASH_VERSION, codeHash } from './asset-hash.js';
import { invalid } from './errors.js';
import { readIgnoreFile } from './ignore-file.js';
import { abortOption, doing, type Scope } from './scope.js';
import type { CodeConfiguration } from './types.js';
import { readLocal, uploadList } from './upload-list.js';
import { type LocalFiles, mark, uploadFiles } from './upload.js';

/** The same by its ARM id; a folder is registered first, once for each content. */
export async function registeredCode(
  scope: Scope,
  { codeId, folder, scoringScript }: CodeConfiguration,
  signal?: AbortSignal,
): Promise<CodeConfiguration> {
  if (folder !== undefined) {
    return { codeId: await codeVersionOf(scope, folder, scoringScript, signal), scoringScript };
  }
  const { name, version } = parseShort(codeId ?? '') ?? {};
  if (name === undefined || version === undefined) {
    return { ...(codeId !== undefined && { codeId }), scoringScript };
  }
  return { codeId: `${scope.path}/codes/${name}/versions/${version}`, scoringScript };
}

/** Rejects where the code, or its script, is not there. What a registry holds is not looked at. */
export async function checkCode(
  scope: Scope,
  code: CodeConfiguration,
  signal?: AbortSignal,
): Promise<void> {
  if (code.folder !== undefined) return void (await codeFiles(code.folder, code.scoringScript));
  const { name, version, registry } = parseCode(code.codeId ?? '') ?? {};
  if (name === undefined || version === undefined || registry !== undefined) return;
  const what = `read code ${name}:${version}`;
  const path = `${scope.path}/codes/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
  if ((await scope.arm.find(path, what, { signal })) === undefined) {
    throw invalid(
      what,
      `The workspace has no version ${version} of code ${name}.`,
      'Name a code version that exists, or a folder to register.',
    );
  }
}

/** What of the folder is uploaded. Rejects where it can't be read, or does not bring the script. */
async function codeFiles(folder: string, scoringScript: string): Promise<LocalFiles> {
  const what = `read the code in ${folder}`;
  const files = await readLocal(what, async (): Promise<LocalFiles> => {
    const root = await realpath(folder);
    const ignored = await readIgnoreFile(root);
    return { root, ignored, files: await uploadList(root, ignored) };
  });
  if (files.files.some(({ remote }) => remote === scoringScript)) return files;
  throw invalid(
    what,
    `${folder} has no file ${scoringScript} (or its ignore file excludes it).`,
    'Give scoring_script as a path inside the folder that code names.',
  );
}

async function codeVersionOf(
  scope: Scope,
  folder: string,
  scoringScript: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const local = await codeFiles(folder, scoringScript);
  const what = `register the code in ${basename(local.root)}`;
  const hash = await readLocal(what, () => codeHash(local.files));
  const name = randomUUID();
  const version = '1';
  const path = `${scope.path}/codes/${name}/versions`;
  // The service looks among all code by the hash, whichever name the path has.
  const query = `?hash=${hash}&hashVersion=${CODE_HASH_VERSION}`;
  const [known] = await scope.arm.list(`${path}${query}`, what, { signal });
  if (typeof known?.['id'] === 'string') return known['id'];
  const uploaded = await uploadFiles(scope, local, name, undefined, signal);
  const { origin, pathname } = new URL(uploaded.indicator.container.url);
  const { resourceGroup, workspaceName } = scope.connection;
  const registered = await doing(what, () =>
    scope.client.codeVersions.createOrUpdate(
      resourceGroup,
      workspaceName,
      name,
      version,
      {
        properties: {
          codeUri: `${origin}${pathname}/${uploaded.path}`,
          isAnonymous: true,
          properties: { hash_sha256: hash, hash_version: CODE_HASH_VERSION },
        },
      },
      abortOption(signal),
    ),
  );
  // It is registered; that its blob says so too is a courtesy to other clients.
  await mark(uploaded.indicator, name, version, signal).catch(() => undefined);
  return registered.id ?? `${path}/${version}`;
}
