/**
 * The version of a write: unique, increasing, drawn from the ledger before the read whose content it
 * versions (rule 1). Microseconds since 1970, so it stays a safe integer until the year 2255.
 */
export type Ticket = number;
