/** What a request is, without the names of its run: the same in a recording and in a cell. */

export interface Seen {
  method: string;
  /** `management.azure.com`; empty for the identity endpoint. */
  host: string;
  /** With the query. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
}

/** A request of a run, by what comes before it: another run has the same. */
export interface Moment {
  id: string;
  kind: string;
  /** Of this kind, from 1 after the last write. */
  nth: number;
  /** ` after <the last write>`; empty before the first. */
  since: string;
}

const PATTERNS: readonly [RegExp, string][] = [
  [/^.*\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+/i, 'workspace'],
  [/^.*\/providers\/Microsoft\.MachineLearningServices\/locations\/[^/]+/i, 'location'],
  [/(onlineEndpoints)\/[^/]+/i, '$1/ENDPOINT'],
  [/(models|codes|environments)\/[^/]+/i, '$1/NAME'],
  [/(versions)\/[^/]+/i, '$1/N'],
  [/(mfeOperationsStatus|mfeOperationResults|operationsStatus|operationResults)\/.*/i, '$1/ID'],
  [/^\/subscriptions\/[^/]+/i, 'subscription'],
  [/resourceGroups\/[^/]+/i, 'group'],
  [/[0-9a-f]{8}-[0-9a-f-]{27}/gi, 'ID'],
];

/** `PUT workspace/onlineEndpoints/ENDPOINT/deployments/green`. */
export function kindOf({ method, host, path, headers }: Seen): string {
  const [route = '', query = ''] = path.split('?', 2);
  if (host === '') return `${method} identity`;
  if (/\.inference\./.test(host)) {
    const pinned = headers['azureml-model-deployment'];
    return `${method} score ${pinned === undefined ? 'unpinned' : String(pinned)}`;
  }
  if (/\.blob\./.test(host)) {
    const parameters = new URLSearchParams(query);
    const what = parameters.get('comp') ?? parameters.get('restype') ?? 'file';
    return `${method} blob ${what}`;
  }
  const named = PATTERNS.reduce((text, [from, to]) => text.replace(from, to), route);
  return `${method} ${named}`;
}

export const isWrite = (kind: string): boolean =>
  /^(?:PUT|PATCH|DELETE) workspace\/(?!models|codes)/.test(kind);
