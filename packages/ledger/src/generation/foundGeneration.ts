/** A generation of an index as the sink has it. */
export interface FoundGeneration {
  readonly name: string;
  readonly number: number;
  readonly nonce: string;
  readonly definition: number;
  /** The definition's; left out: it was made before this was kept, and its number has to do. */
  readonly fingerprint?: string;
  /** Of the source that it was built from. */
  readonly system?: string;
  readonly ticketBound: number;
}

/** The columns of a generation that a ledger takes in, which did not make it: it is live, of no run of this ledger. */
export const ADOPTED_COLUMNS =
  'index, number, name, definition, state, run, nonce, epoch, ticket_bound, promoted_at, start_position';

/**
 * Their values, of `adoptedValues`. Its definition is known again by its fingerprint; 0 where it is none of this ledger's:
 * then it wants a rebuild.
 * @param number SQL for its number, where $2 is the one that the sink has
 */
export function adoptedRow(number: string): string {
  return `$1, ${number}, $3,
          case when $8::text is null then $4
               else coalesce((select max(d.number) from definitions d where d.index = $1 and d.fingerprint = $8), 0) end,
          'live', 0, $5, $6, $7, now(), case when $9::text is not null then jsonb_build_object('system', $9::text) end`;
}

export function adoptedValues(index: string, found: FoundGeneration, epoch: number): readonly unknown[] {
  const { number, name, definition, nonce, ticketBound, fingerprint = null, system = null } = found;
  return [index, number, name, definition, nonce, epoch, ticketBound, fingerprint, system];
}
