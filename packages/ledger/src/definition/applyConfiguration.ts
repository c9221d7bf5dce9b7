import type { ChangesMode } from '@reindeer/core';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from '../run/moveRun.ts';
import { leaveOtherRows } from './leaveOtherRows.ts';
import { oweWhatReturned } from './oweWhatReturned.ts';

export interface AppliedIndex {
  readonly name: string;
  readonly fingerprint: string;
  readonly revision: string | null;
  /** What is worth keeping of the definition, without secrets. */
  readonly definition: unknown;
  /** How its changes are found. Left out: they are not. */
  readonly changes?: ChangesMode;
  /** The pause between two passes of its feed. Left out, or null: it has none. */
  readonly feedEveryMs?: number | null;
}

export type Application =
  /** It is the newest, now or already. `voided` are the runs of older definitions that this ended. */
  | { readonly kind: 'applied'; readonly number: number; readonly changed: boolean; readonly voided: readonly number[] }
  /** A newer one was applied since this one was: this process must not turn it back. */
  | { readonly kind: 'older'; readonly number: number };

/**
 * Makes this configuration the current one, unless it is an older one come back: the ledger has seen it before, and
 * another since. `force` applies it all the same, as the newest.
 * A changed definition ends the open runs of the old one with `definition-mismatch` (rule 12), an index that was taken out
 * those it has with `not-in-configuration`: no worker with the new configuration may go on with them.
 */
export async function applyConfiguration(
  ledger: Ledger,
  configuration: { fingerprint: string; appliedBy: string; indexes: readonly AppliedIndex[]; force: boolean },
): Promise<Application> {
  return transaction(ledger, async (client) => {
    await client.query(`lock table configurations in exclusive mode`);
    const [latest] = await query<{ number: string; fingerprint: string }>(
      client,
      `select number, fingerprint from configurations order by number desc limit 1`,
    );
    const same = latest?.fingerprint === configuration.fingerprint;
    if (!same && !configuration.force) {
      const [seen] = await query(client, `select 1 from configurations where fingerprint = $1 limit 1`, [
        configuration.fingerprint,
      ]);
      if (seen !== undefined) return { kind: 'older', number: Number(latest?.number) };
    }
    let number = Number(latest?.number);
    if (!same) {
      const [row] = await query<{ number: string }>(
        client,
        `insert into configurations (fingerprint, applied_by) values ($1, $2) returning number`,
        [configuration.fingerprint, configuration.appliedBy],
      );
      number = Number(row?.number);
    }
    const voided: number[] = [];
    // Runs are locked before indexes, and all in one order: planners and holds do the same.
    await client.query(`select 1 from runs where finished_at is null order by run for no key update`);
    for (const index of configuration.indexes) {
      await client.query(
        `insert into indexes (index, changes, feed_every_ms) values ($1, $2, $3)
         on conflict (index) do update
            set removed_at = null, changes = excluded.changes, feed_every_ms = excluded.feed_every_ms`,
        [index.name, index.changes ?? 'none', index.feedEveryMs ?? null],
      );
      const [before] = await query<{ number: number; fingerprint: string }>(
        client,
        `select number, fingerprint from definitions where index = $1 order by number desc limit 1`,
        [index.name],
      );
      if (before?.fingerprint === index.fingerprint) continue;
      await client.query(
        `insert into definitions (index, number, fingerprint, revision, definition) values ($1, $2, $3, $4, $5)`,
        [index.name, (before?.number ?? 0) + 1, index.fingerprint, index.revision, JSON.stringify(index.definition)],
      );
      await leaveOtherRows(client, index.name);
      await oweWhatReturned(client, index.name);
      const open = await query<{ run: string }>(
        client,
        `select run from runs where index = $1 and finished_at is null order by run for no key update`,
        [index.name],
      );
      for (const { run } of open) {
        await moveRun(client, Number(run), 'task-failed', {
          reason: 'definition-mismatch',
          error: `The definition of ${index.name} changed while this run was open; the next run uses the new one.`,
        });
        voided.push(Number(run));
      }
    }
    const names = configuration.indexes.map((index) => index.name);
    await client.query(`update indexes set removed_at = now() where removed_at is null and not (index = any($1))`, [
      names,
    ]);
    const orphaned = await query<{ run: string; index: string }>(
      client,
      `select run, index from runs where finished_at is null and not (index = any($1)) order by run`,
      [names],
    );
    for (const { run, index } of orphaned) {
      await moveRun(client, Number(run), 'task-failed', {
        reason: 'not-in-configuration',
        error: `${index} was taken out of the configuration while this run was open; no worker would go on with it.`,
      });
      voided.push(Number(run));
    }
    return { kind: 'applied', number, changed: !same, voided };
  });
}
