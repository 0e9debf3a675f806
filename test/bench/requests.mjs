// Requests to Azure Resource Manager for one rollout, beside azure-ai-ml for the same steps. Polls of operations
// are left out: how many there are hangs on how long the service takes.
import { byClient, pythonWith } from './runner.mjs';

export const title = 'requests';

export function measure() {
  const what = 'requests to Azure Resource Manager, a whole rollout / azure-ai-ml';
  const python = pythonWith('azure.ai.ml');
  if (python === undefined) {
    return [{ what, notMeasured: 'no Python with azure-ai-ml: npm run conformance makes one' }];
  }
  const { ours, theirs, oursWrites, theirsWrites } = byClient(python, 'requests');
  const value = ours / theirs;
  const detail = `${ours} / ${theirs}, of them ${oursWrites} / ${theirsWrites} writes`;
  return [{ what, goal: '≤ 1.0', unit: '×', value, low: value, high: value, detail }];
}
