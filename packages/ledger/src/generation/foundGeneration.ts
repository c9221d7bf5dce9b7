/** A generation of an index as the sink has it. */
export interface FoundGeneration {
  readonly name: string;
  readonly number: number;
  readonly nonce: string;
  /** The definition's; left out: it was made before this was kept. */
  readonly fingerprint?: string;
  /** Of the source that it was built from. */
  readonly system?: string;
  readonly ticketBound: number;
}

/**
 * The number of a definition that this ledger does not know. Of what table, and by what key, such a generation was made, nobody
 * can say: compared with what the newest definition names, all of its documents might be ones to delete. So neither the
 * feed nor a refresh writes to it, and a rebuild takes its place.
 */
export const UNKNOWN_DEFINITION = 0;

/** The columns of a generation that a ledger takes in, which did not make it: it is live, of no run of this ledger. */
export const ADOPTED_COLUMNS =
  'index, number, name, definition, stale_reason, state, run, nonce, epoch, ticket_bound, promoted_at, start_position';

const KNOWN_AGAIN = `(select max(d.number) from definitions d where d.index = $1 and d.fingerprint = $7)`;

/**
 * Their values, of `adoptedValues`. Its definition is known again by its fingerprint alone: numbers are another ledger's, or
 * were given again.
 * @param number SQL for its number, where $2 is the one that the sink has
 */
export function adoptedRow(number: string): string {
  return `$1, ${number}, $3, coalesce(${KNOWN_AGAIN}, ${UNKNOWN_DEFINITION}),
          case when ${KNOWN_AGAIN} is null then 'definition-mismatch' end,
          'live', 0, $4, $5, $6, now(), case when $8::text is not null then jsonb_build_object('system', $8::text) end`;
}

export function adoptedValues(index: string, found: FoundGeneration, epoch: number): readonly unknown[] {
  const { number, name, nonce, ticketBound, fingerprint = null, system = null } = found;
  return [index, number, name, nonce, epoch, ticketBound, fingerprint, system];
}
