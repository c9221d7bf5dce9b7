import type { ClientBase } from 'pg';
import { failureKind, sqlState } from './failure.ts';
import { TIMELINE } from './timeline.ts';

/**
 * Which server a connection has found: another primary has another timeline. A restart changes nothing; replicas, which may
 * take turns at an address, are one. Where a server keeps all that to itself they are all the same.
 */
export async function serverOf(client: ClientBase): Promise<string> {
  try {
    const { rows } = await client.query<{ server: string }>(
      `select case when pg_is_in_recovery() then 'replica' else system_identifier || ' ' || (${TIMELINE}) end as server
         from pg_control_system()`,
    );
    return rows[0]?.server ?? '';
  } catch (error) {
    // Nothing that a server refuses to tell of itself keeps it from being used.
    if (sqlState(error) !== null && failureKind(error) !== 'unavailable') return '';
    throw error;
  }
}
