import type { DefinitionParts, IndexDefinition } from '@reindeer/core';

/** A definition as the ledger keeps it: a transform is its text. */
export function keptDefinition(index: IndexDefinition): DefinitionParts & Readonly<Record<string, unknown>> {
  return { ...index, transform: index.transform?.toString() ?? null };
}
