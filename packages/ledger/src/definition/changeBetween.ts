import { type DefinitionChange, type DefinitionParts, definitionChange } from '@reindeer/core';

/** What changed between two definitions as the ledger keeps them. Where one of them is not known, everything may have. */
export function changeBetween(
  made: Partial<DefinitionParts> | null,
  newest: Partial<DefinitionParts> | null,
): DefinitionChange {
  if (!isWhole(made) || !isWhole(newest)) return { needs: 'rebuild', because: [], otherRows: true };
  return definitionChange(made, newest);
}

function isWhole(parts: Partial<DefinitionParts> | null): parts is DefinitionParts {
  return parts?.source !== undefined && parts.sink !== undefined;
}
