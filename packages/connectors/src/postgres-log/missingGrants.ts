import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import type { LogFinding } from './logFinding.ts';
import type { LogTarget } from './logTarget.ts';

/** What the role that reads and prunes needs on the log; the application's roles need nothing. */
const NEEDED = [
  { table: 'state', privileges: ['SELECT', 'UPDATE'] },
  { table: 'logs', privileges: ['SELECT'] },
  { table: 'changes', privileges: ['SELECT', 'DELETE'] },
] as const;

export async function missingGrants(
  { writer, schema }: LogTarget,
  reader: string,
  signal: AbortSignal,
): Promise<LogFinding[]> {
  const lacks = async (expression: string, values: readonly string[]) => {
    const text = `select ${expression}`;
    const { rows } = await runStatement(writer, { text, values, timeoutMs: 30_000 }, signal);
    return rows[0]?.[0] !== 't';
  };
  const role = quoteIdentifier(reader);
  const remedy: string[] = [];
  if (await lacks(`has_schema_privilege($1::name, $2, 'USAGE')`, [reader, schema])) {
    remedy.push(`grant usage on schema ${quoteIdentifier(schema)} to ${role};`);
  }
  for (const { table, privileges } of NEEDED) {
    const name = quoteRelation({ schema, name: table });
    const missing: string[] = [];
    for (const privilege of privileges) {
      if (await lacks('has_table_privilege($1::name, $2, $3)', [reader, name, privilege])) missing.push(privilege);
    }
    if (missing.length > 0) remedy.push(`grant ${missing.join(', ').toLowerCase()} on ${name} to ${role};`);
  }
  if (remedy.length === 0) return [];
  return [{ kind: 'grant-missing', table: null, message: `The role ${role} may not read or prune the log.`, remedy }];
}
