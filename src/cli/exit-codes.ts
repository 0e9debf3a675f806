/** The exit codes of the commands beside the wizard. */
import { EXIT } from '../terminal/exit-codes.js';

export const CODE = {
  done: EXIT.ok,
  /** Of `doctor`: something needs attention. */
  attention: EXIT.failed,
  usage: EXIT.usage,
  /** A gate failed, or the new deployment never came up; the split at the start is live. */
  stopped: 3,
  notRolledBack: 4,
  /** Not decided; nothing was moved back. */
  held: 5,
  drift: 6,
  authOrQuota: 7,
  /** A person has to say yes, and nobody could be asked. */
  approval: 8,
  /** Blue did not start, or answers nothing. */
  blueDown: 9,
  internal: EXIT.internal,
  interrupted: EXIT.interrupted,
} as const;
