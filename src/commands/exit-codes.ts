/** The exit codes of the commands beside the wizard. */
import { EXIT } from '../terminal/exit-codes.js';

export const CODE = {
  done: EXIT.ok,
  /** Of `doctor`: something needs attention. */
  attention: EXIT.failed,
  usage: EXIT.usage,
  notRolledBack: 4,
  drift: 6,
  authOrQuota: 7,
  internal: EXIT.internal,
  interrupted: EXIT.interrupted,
} as const;
