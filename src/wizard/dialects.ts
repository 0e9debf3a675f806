/** Changes in another tool's words, for the screen that shows them before they are sent. */
import type { WorkspaceRef } from '../azure/types.js';
import { inAz } from '../interop/az.js';
import type { Code, DialectContext } from '../interop/dialect.js';
import { inMlflow } from '../interop/mlflow.js';
import { inPython } from '../interop/python.js';
import type { Change } from '../rollout/changes/change.js';
import type { Dialect } from './overlays.js';

const WORDS: Record<Dialect, (change: Change, context: DialectContext) => Code> = {
  az: inAz,
  python: inPython,
  mlflow: inMlflow,
};

export function dialectText(
  dialect: Dialect,
  changes: readonly Change[],
  { subscriptionId, resourceGroup, workspaceName }: WorkspaceRef,
): string {
  const context = { subscriptionId, resourceGroup, workspaceName };
  return changes
    .map((change) => {
      const code = WORDS[dialect](change, context);
      return 'lines' in code ? code.lines.join('\n') : `# not expressible: ${code.notExpressible}`;
    })
    .join('\n\n');
}
