import { failureKind } from '../postgres/failure.ts';
import { runStatement } from '../postgres/statement.ts';
import type { Position, SourceDescription } from '../source.ts';
import type { SourceContext } from './context.ts';

const IDENTITY_TIMEOUT_MS = 30_000;

/** Which database this is: another one under the same address must not be taken for it (rule 16). */
export async function sourceIdentity(
  context: SourceContext,
  signal: AbortSignal,
): Promise<SourceDescription['identity']> {
  const [system, timeline] = [
    await valueWherePermitted(context, 'select system_identifier from pg_control_system()', signal),
    // The control file learns of a promotion only at its next checkpoint, the name of the WAL's file at once.
    await valueWherePermitted(
      context,
      `select case when pg_is_in_recovery() then (select timeline_id from pg_control_checkpoint())
                   else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end`,
      signal,
    ),
  ];
  return { system: system ?? (await databaseName(context, signal)), timeline: Number(timeline ?? 0) };
}

/** A snapshot taken now, in the database's own text. */
export async function sourcePosition(context: SourceContext, signal: AbortSignal): Promise<Position> {
  const identity = await sourceIdentity(context, signal);
  const text = 'select pg_current_snapshot()';
  const answer = await runStatement(context.pool, { text, timeoutMs: IDENTITY_TIMEOUT_MS }, signal);
  return { ...identity, at: answer.rows[0]?.[0] ?? '' };
}

/** Where the control file may not be read: stays the same on every replica and through restarts, differs in a restored dump. */
async function databaseName(context: SourceContext, signal: AbortSignal): Promise<string> {
  const text = `select 'database:' || oid || ':' || datname from pg_catalog.pg_database where datname = current_database()`;
  const answer = await runStatement(context.pool, { text, timeoutMs: IDENTITY_TIMEOUT_MS }, signal);
  return answer.rows[0]?.[0] ?? '';
}

async function valueWherePermitted(context: SourceContext, text: string, signal: AbortSignal): Promise<string | null> {
  try {
    const answer = await runStatement(context.pool, { text, timeoutMs: IDENTITY_TIMEOUT_MS }, signal);
    return answer.rows[0]?.[0] ?? null;
  } catch (error) {
    // Some hosted servers keep these functions to themselves, or do not have them.
    const kind = failureKind(error);
    if (kind === 'permission' || kind === 'statement') return null;
    throw error;
  }
}
