/** One passing fault of blob storage: of an upload, of a model's file, and of rows. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { faultAuthority, FaultProxy, type Passing } from '../../faults/proxy.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../../support/sandbox.js';
import { registerData, storeFiles } from '../../support/stored-rows.js';

const sampleOf = (path: string) =>
  fileURLToPath(new URL(`../../../samples/${path}`, import.meta.url));
const heart = readFileSync(sampleOf('heart.csv'));
const mlmodel = readFileSync(sampleOf('heart-classifier/v1/MLmodel'), 'utf8');
const scratch = temporaryFolder();
let sandbox: TestSandbox;
let proxy: FaultProxy;
let workspace: Workspace;

beforeAll(async () => {
  sandbox = await startSandbox({});
  const caFile = join(scratch, 'ca.pem');
  writeFileSync(caFile, (await faultAuthority()).certPem);
  proxy = await FaultProxy.start(sandbox.info);
  workspace = await connect({ ...connectionTo(sandbox), proxyUrl: proxy.url, caFile });
  const uri = await storeFiles(workspace, { 'heart.csv': heart });
  await registerData(sandbox, { 'heart:1': { type: 'uri_file', uri: `${uri}/heart.csv` } });
});
afterAll(async () => {
  await workspace?.close();
  await proxy?.close();
  await sandbox?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const gateway =
  (status: number) =>
  ({ reply }: Passing) =>
    reply({ status, headers: {}, body: Buffer.alloc(0) });
const cut = async (passing: Passing) => passing.cut(await passing.forward());

/** Meets the first request for a blob of this method; says how many it has met. */
function once(method: string, meet: (passing: Passing) => Promise<void>): () => number {
  let met = 0;
  proxy.interfere = (passing) => {
    if (met > 0 || passing.method !== method || !/ blob /.test(passing.kind)) return undefined;
    met += 1;
    return meet(passing);
  };
  return () => met;
}

test.each([
  ['502', 'HEAD', gateway(502)],
  ['504', 'PUT', gateway(504)],
  ['a cut answer', 'PUT', cut],
] as const)('an upload is carried on after %s to %s', async (_, method, meet) => {
  const folder = sampleOf(`heart-classifier/${method === 'HEAD' ? 'v1' : 'v2'}`);
  const met = once(method, meet);
  const { uri } = await workspace.uploadFolder(folder, `heart-${method.toLowerCase()}`);
  expect(uri).toMatch(/^azureml:\/\//);
  expect(met()).toBeLessThanOrEqual(1);
});

test.each([
  ['502', gateway(502)],
  ['504', gateway(504)],
  ['a cut answer', cut],
] as const)('what is stored is read on after %s', async (_, meet) => {
  const { uri } = await workspace.uploadFolder(sampleOf('heart-classifier/v1'), 'heart');
  const { files } = await workspace.dataFiles('azureml:heart:1');
  const [file] = files;
  const ofModel = once('GET', meet);
  expect(await workspace.readModelFile({ uri }, 'MLmodel')).toBe(mlmodel);
  const ofRows = once('GET', meet);
  const pieces: Buffer[] = [];
  for await (const piece of file?.open() ?? []) pieces.push(Buffer.from(piece));
  expect(Buffer.concat(pieces).equals(heart)).toBe(true);
  const ofSlice = once('GET', meet);
  const slice = await file?.slice(3, 9);
  expect(Buffer.from(slice ?? new ArrayBuffer(0))).toEqual(heart.subarray(3, 9));
  expect([ofModel(), ofRows(), ofSlice()]).toEqual([1, 1, 1]);
});

test('a body that is always cut is told as a connection that was closed', async () => {
  const { files } = await workspace.dataFiles('azureml:heart:1');
  proxy.interfere = (passing) => (/ blob /.test(passing.kind) ? cut(passing) : undefined);
  const read = async () => {
    for await (const piece of files[0]?.open() ?? []) expect(piece.length).toBeGreaterThan(0);
  };
  await expect(read()).rejects.toMatchObject({ failure: { kind: 'network', retrySafe: true } });
  proxy.interfere = undefined;
});
