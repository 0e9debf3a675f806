/** The names of actions in roles, and the patterns that stand for several. */

/** `*` stands for any text, as in the actions of a role; compared without case. */
export function matchesAction(pattern: string, action: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 'i').test(action);
}
