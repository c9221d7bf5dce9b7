import { InputError } from '@reindeer/core';
import { Client } from 'pg';
import { messageOf, sqlState } from './failure.ts';
import { quoteIdentifier } from './quote.ts';

/**
 * The error to throw for one that came instead of a connection: where the role may not connect to the database, with the SQL
 * that lets it. No connection is there to ask who it would be, so the url says.
 */
export function mayNotConnect(error: unknown, url: string): unknown {
  if (sqlState(error) !== '42501') return error;
  const { user, database } = new Client({ connectionString: url });
  return new InputError(
    'permission',
    `The server refuses the connection: ${messageOf(error)}. Run as the database's owner: GRANT CONNECT ON DATABASE ${quoteIdentifier(database ?? '')} TO ${quoteIdentifier(user ?? '')};`,
    { cause: error },
  );
}
