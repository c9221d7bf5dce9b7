import { runStatement } from '../postgres/statement.ts';
import type { SourceContext } from '../postgres-source/context.ts';
import { onReplica } from './lookAtLog.ts';

/** @throws InputError `log-on-replica` */
export async function refuseReplica(context: SourceContext, signal: AbortSignal): Promise<void> {
  const text = 'select pg_is_in_recovery()';
  const { rows } = await runStatement(context.pool, { text, timeoutMs: 30_000 }, signal);
  if (rows[0]?.[0] === 't') throw onReplica(context);
}
