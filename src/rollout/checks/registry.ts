/** Every kind of check. A new one is a file and a line here; the plan's schema has it from there. */
import { commandCheck } from './command.js';
import { httpCheck } from './http.js';
import { logsCheck } from './logs.js';
import { monitorCheck } from './monitor.js';
import { prometheusCheck } from './prometheus.js';

export const CHECK_KINDS = [
  commandCheck,
  httpCheck,
  prometheusCheck,
  monitorCheck,
  logsCheck,
] as const;

type RegisteredCheck = (typeof CHECK_KINDS)[number];
export type CheckKindId = RegisteredCheck['id'];
/** What the plan says under the kind's key. */
export type CheckSettings = {
  [K in RegisteredCheck as K['id']]?: Parameters<K['read']>[0] | undefined;
};
