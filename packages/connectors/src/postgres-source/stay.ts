import { UnavailableError } from '@reindeer/core';
import { addressOf } from '../postgres/Address.ts';
import type { SourceContext } from './context.ts';

/** @returns throws when the source's address has led to another server since, as far as this process knows. */
export function stay({ pool, connection }: SourceContext): () => void {
  const address = addressOf(pool.options.connectionString);
  const { moves } = address;
  return () => {
    if (address.moves === moves) return;
    throw new UnavailableError(
      'source-unavailable',
      `Connection "${connection}" was taken over by another server while it was read. What was read since is read again.`,
    );
  };
}
