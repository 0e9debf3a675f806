/** Registers a model from a folder, in a sandbox of its own: `… FOLDER` prints how many seconds it took. */
import { connect } from '../../src/azure/connect.js';
import { connectionTo } from '../support/connection.js';
import { startSandbox } from '../support/sandbox.js';

const sandbox = await startSandbox({ timeScale: 0.05 });
const workspace = await connect(connectionTo(sandbox));
try {
  await workspace.info();
  const started = performance.now();
  const { uri } = await workspace.uploadFolder(process.argv[2] ?? '', 'bench');
  await workspace.putModelVersion('bench', '1', uri);
  const seconds = (performance.now() - started) / 1_000;
  process.stdout.write(JSON.stringify({ seconds }));
} finally {
  await workspace.close();
  await sandbox.stop();
}
process.exit();
