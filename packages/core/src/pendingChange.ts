import type { DefinitionChange } from './definitionChange.ts';

/** What of the newest definition is not in the live generation yet, and what brings it there. */
export interface PendingChange {
  readonly needs: 'refresh' | 'rebuild';
  /** What changed, by its place in the configuration; empty: it is not known. */
  readonly because: readonly string[];
}

/** Of a live generation that is not of the newest definition. What differs and has no place is applied by a refresh. */
export function pendingChange({ needs, because }: Omit<DefinitionChange, 'otherRows'>): PendingChange {
  return { needs: needs === 'nothing' ? 'refresh' : needs, because };
}

/** What changed since what is live was made, and what applies it. */
export function pendingChangeText(index: string, { needs, because }: PendingChange): string {
  const what = because.length === 0 ? 'changed' : `changed: ${because.join(', ')}`;
  return needs === 'refresh'
    ? `${what}; \`reindeer run ${index} refresh\` applies it in place, a rebuild makes a new generation by it`
    : `${what}; only a rebuild applies it: \`reindeer run ${index}\``;
}
