/**
 * Where a plan's rows lie: a file of this machine, a data asset or path of the workspace, or what users
 * sent to blue, as its data collector kept it.
 */
import { resolve } from 'node:path';

const ELSEWHERE = /^(azureml|collected):/i;
const LENGTH = /^collected:(\d{1,4})([mhd])$/i;
const INTERVAL = /^collected:([^/]+)\/([^/]+)$/i;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 92 * UNIT_MS.d;
const ASSET = /^azureml:(?:\/[^/].+|[^:@/\s]+(?::[^:@/\s]+|@latest))$/i;
/** With the workspace in front it is what Azure ML studio copies; which workspace, the adapter looks at. */
const STORED =
  /^azureml:\/\/(?:subscriptions\/[^/]+\/resourcegroups\/[^/]+\/(?:providers\/[^/]+\/)?workspaces\/[^/]+\/)?datastores\/[^/]+\/(?:paths\/)?.+$/i;

export const isElsewhere = (rows: string): boolean => ELSEWHERE.test(rows);

/** The path of a file made absolute; a place elsewhere as it is. */
export const rowsFrom = (folder: string, rows: string): string =>
  isElsewhere(rows) ? rows : resolve(folder, rows);

/** As a report shows it: a path of one machine tells a reviewer nothing. */
export const shownRows = (rows: string): string =>
  isElsewhere(rows) ? rows : (rows.split(/[/\\]/).at(-1) ?? rows);

export interface Window {
  from: Date;
  to: Date;
}

/** The time that `collected:...` names; `undefined`: it names none. @param now epoch milliseconds */
export function windowOf(rows: string, now: number): Window | undefined {
  const [, count = '', unit = ''] = LENGTH.exec(rows) ?? [];
  if (count !== '') {
    const ms = Number(count) * UNIT_MS[unit.toLowerCase() as keyof typeof UNIT_MS];
    return { from: new Date(now - ms), to: new Date(now) };
  }
  const [, from = '', to = ''] = INTERVAL.exec(rows) ?? [];
  const window = { from: new Date(from), to: new Date(to) };
  const valid = !Number.isNaN(Number(window.from)) && !Number.isNaN(Number(window.to));
  return valid ? window : undefined;
}

/** Finds the same requests again. */
export const collectedIn = ({ from, to }: Window): string =>
  `collected:${from.toISOString()}/${to.toISOString()}`;

/** What is wrong with a place elsewhere, as a plan's message. */
export function placeProblem(rows: string): string | undefined {
  if (/^azureml:/i.test(rows)) {
    return ASSET.test(rows) || STORED.test(rows)
      ? undefined
      : 'use azureml:NAME@latest, azureml:NAME:VERSION or azureml://datastores/NAME/paths/PATH';
  }
  if (!isElsewhere(rows)) return undefined;
  const window = windowOf(rows, Date.now());
  if (!window) {
    return 'use collected:24h, collected:7d or collected:2026-11-28T06:00Z/2026-11-28T18:00Z';
  }
  const ms = window.to.getTime() - window.from.getTime();
  return ms > 0 && ms <= LONGEST_MS
    ? undefined
    : 'use a time of at most 92 days that ends after it begins';
}
