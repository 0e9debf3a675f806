/** The name in a token; what is in it was checked by who receives it, not by us. */
import { oneLine } from './text.js';

const NAMES = ['upn', 'preferred_username', 'unique_name', 'email', 'name', 'app_displayname'];

export function nameInToken(token: string): string | undefined {
  const part = token.split('.')[1];
  if (!part) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<
      string,
      unknown
    >;
    for (const claim of [...NAMES, 'appid', 'oid']) {
      const value = claims[claim];
      if (typeof value === 'string' && value.trim()) return oneLine(value);
    }
  } catch {
    // An opaque token says nothing.
  }
  return undefined;
}
