import { UnavailableError } from '@reindeer/core';
import { type Ledger, seenTimeline } from '@reindeer/ledger';
import type { OpenIndex } from '../context.ts';

/**
 * The server that is read is not one that the feed has left behind: a primary that goes on after its standby was promoted
 * may still be there, and connections to it be open (rule 16). A refresh from it would take the rows of before for those of now,
 * and what is owed for done.
 * @throws UnavailableError `source-unavailable`
 */
export async function requireReached(
  { ledger }: { readonly ledger: Ledger },
  { source, definition }: OpenIndex,
  generation: { readonly id: number; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const seen = await seenTimeline(ledger, generation.id);
  if (seen === 0) return;
  const isBehind = async () => {
    const { timeline } = await source.identity(signal);
    return timeline !== 0 && timeline < seen;
  };
  if (!(await isBehind())) return;
  source.reconnect();
  if (!(await isBehind())) return;
  throw new UnavailableError(
    'source-unavailable',
    `connections.${definition.source.connection} leads to a primary of before: ${generation.name} was kept current from timeline ${seen}, which this one does not know. It is tried again; if this one is right, the feed's next pass says so.`,
  );
}
