import type { Operation } from '@reindeer/core';

/**
 * Positions of a batch in rounds that hold each id once: first occurrences, second ones, and so on. Written one after
 * the other, they come out as if every operation had been sent by itself, in order. One round, as a rule.
 */
export function rounds(operations: readonly Operation[], positions: readonly number[]): readonly (readonly number[])[] {
  const seen = new Map<string, number>();
  const found: number[][] = [];
  for (const position of positions) {
    const id = operations[position]?.id;
    if (id === undefined) continue;
    const round = seen.get(id) ?? 0;
    seen.set(id, round + 1);
    const members = found[round] ?? [];
    members.push(position);
    found[round] = members;
  }
  return found;
}
