import { failureKind } from '../postgres/failure.ts';
import { TIMELINE } from '../postgres/timeline.ts';
import type { GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { assertGeneration } from './generation.ts';
import { type Session, withSession } from './session.ts';

/**
 * Which server this is and since when, its timeline, and which table. What our sessions are told is committed is on
 * disk (`synchronous_commit`), but not on a standby that is promoted without it: a new timeline. The start tells a volume
 * that was put back, and a server without `fsync`; the table's number, one that came from a dump.
 */
export async function incarnation(
  database: SinkDatabase,
  generation: GenerationRef,
  signal: AbortSignal,
): Promise<string> {
  return await withSession(database, signal, async (session) => {
    const { table } = await assertGeneration(session, database.schema, generation);
    return `${(await serverAtOnce(session)) ?? (await serverBitByBit(session))}/${table.oid}`;
  });
}

const DATABASE = 'pg_catalog.pg_database as d where d.datname = current_database()';
const STARTED = 'extract(epoch from pg_catalog.pg_postmaster_start_time())::text';

/** The feed asks in every pass. */
function serverAtOnce(session: Session): Promise<string | null> {
  return wherePermitted(
    session,
    `select s.system_identifier || '/' || (${TIMELINE}) || '/' || ${STARTED} || '/' || d.oid as value
       from pg_control_system() as s, ${DATABASE}`,
  );
}

async function serverBitByBit(session: Session): Promise<string> {
  const system = await wherePermitted(session, 'select system_identifier::text as value from pg_control_system()');
  const timeline = await wherePermitted(session, `select (${TIMELINE})::text as value`);
  const [server] = await session.query<{ value: string }>(
    `select ${STARTED} || '/' || d.oid as value from ${DATABASE}`,
  );
  return [system, timeline, server?.value].map((part) => part ?? '?').join('/');
}

/** Some hosted servers keep these functions to themselves, or do not have them: what is left tells most of it. */
async function wherePermitted(session: Session, text: string): Promise<string | null> {
  try {
    const [row] = await session.query<{ value: string }>(text);
    return row?.value ?? null;
  } catch (error) {
    const kind = failureKind(error);
    if (kind === 'permission' || kind === 'statement') return null;
    throw error;
  }
}
