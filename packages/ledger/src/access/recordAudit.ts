import { type Ledger, query } from '../ledger.ts';

export interface AuditEntry {
  /** The person's name. */
  readonly actor: string;
  /** What was done: `sign-in`, `queue.pause`, `job.retry`. */
  readonly action: string;
  /** To what: a queue, a job, an index, an address. */
  readonly target: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Writes down what a person did. */
export async function recordAudit(ledger: Ledger, entry: AuditEntry): Promise<void> {
  await query(ledger, `insert into audit (actor, action, target, detail) values ($1, $2, $3, $4)`, [
    entry.actor,
    entry.action,
    entry.target,
    JSON.stringify(entry.detail ?? {}),
  ]);
}
