/** Tags as people type them: `team=risk cost=42`. Anyone can write a secret into one, and it is hidden. */
import { hideSecretsIn } from '../../src/common/hide-secrets.js';

/** `undefined`: there are none. */
export const tagsText = (tags: Readonly<Record<string, string>>): string | undefined =>
  Object.entries(hideSecretsIn(tags))
    .map((pair) => pair.join('='))
    .join(' ') || undefined;
