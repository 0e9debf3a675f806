/** Finds a handler by method and path; segments are compared without case, as ARM does. */
import type { Handler } from './call.js';

interface Route {
  method: string;
  segments: string[];
  handler: Handler;
}

export class Router {
  #routes: Route[] = [];

  /** `pattern` has `{name}` segments; earlier routes win. */
  on(method: string, pattern: string, handler: Handler): void {
    this.#routes.push({ method, segments: split(pattern), handler });
  }

  /** `GET /path/{name}` of all, in the order they are tried. */
  listed(): string[] {
    return this.#routes.map(({ method, segments }) => `${method} /${segments.join('/')}`);
  }

  /** `method-not-allowed` when the path is known for other methods only. */
  find(
    method: string,
    path: string,
  ): { handler: Handler; params: Record<string, string> } | 'not-found' | 'method-not-allowed' {
    let segments: string[];
    try {
      segments = split(path).map(decodeURIComponent);
    } catch {
      return 'not-found';
    }
    let known = false;
    for (const route of this.#routes) {
      const params = match(route.segments, segments);
      if (params === undefined) continue;
      if (route.method === method) return { handler: route.handler, params };
      known = true;
    }
    return known ? 'method-not-allowed' : 'not-found';
  }
}

function split(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function match(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const given = segments[index] ?? '';
    if (expected.startsWith('{')) params[expected.slice(1, -1)] = given;
    else if (expected.toLowerCase() !== given.toLowerCase()) return undefined;
  }
  return params;
}
