import type { Ticket } from '../ticket.ts';

/** A generation as the ledger knows it. */
export interface KnownGeneration {
  readonly name: string;
  readonly nonce: string;
  readonly live: boolean;
  readonly epoch: number | null;
  readonly ticketBound: Ticket;
}

/** A generation as the sink has it. */
export interface HeldGeneration {
  readonly name: string;
  readonly nonce: string;
  readonly ticketBound: Ticket;
  /** The id of the ledger that made it; null: it does not say. */
  readonly ledger: string | null;
}

export interface LedgerAndSink {
  /** The ledger's own id, which its backups share. */
  readonly ledger: string;
  readonly known: readonly KnownGeneration[];
  readonly held: readonly HeldGeneration[];
  readonly live: { readonly name: string; readonly epoch: number } | null;
}

export interface LedgerStanding {
  /**
   * `swapped`: a swap was made of which the ledger knows nothing. `tickets`: it may have been drawn from further than the
   * ledger knows, which is also so for a moment whenever a bound is raised. `sink`: it is the sink that went back, to before
   * a swap that the ledger knows; so it is for a moment when a swap is made between the two looks. null: it knows all that
   * there is.
   */
  readonly behind: 'swapped' | 'tickets' | 'sink' | null;
  /** The highest bound there is. */
  readonly floor: Ticket;
  /** Generations that this ledger made, and knows nothing of. */
  readonly unknown: readonly string[];
}

/**
 * Whether the ledger went back in time (rule 17), or the sink did, by what the sink has. Swaps count up, so a higher epoch is a swap of
 * Reindeer's; a view or alias that a person moved keeps its epoch, and is not taken for one. What another deployment's
 * ledger made is never taken for one's own.
 */
export function ledgerStanding({ ledger, known, held, live }: LedgerAndSink): LedgerStanding {
  const rowOf = ({ name, nonce }: HeldGeneration) => known.find((row) => row.name === name && row.nonce === nonce);
  const ours = held.filter((one) => one.ledger === ledger || rowOf(one) !== undefined);
  const unknown = ours.filter((one) => rowOf(one) === undefined).map(({ name }) => name);
  const floor = Math.max(0, ...ours.map(({ ticketBound }) => ticketBound));
  const epoch = known.find((row) => row.live)?.epoch ?? 0;
  const swapped = live !== null && live.epoch > epoch && ours.some(({ name }) => name === live.name);
  const lost = live !== null && live.epoch < epoch && ours.some(({ name }) => name === live.name);
  const tickets = ours.some((one) => one.ticketBound > (rowOf(one)?.ticketBound ?? 0));
  return { behind: swapped ? 'swapped' : lost ? 'sink' : tickets ? 'tickets' : null, floor, unknown };
}
