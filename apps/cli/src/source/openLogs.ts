import type { ResolvedConfig } from '@reindeer/config';
import { type LogInstallation, openConnections } from '@reindeer/connectors';
import { InputError } from '@reindeer/core';

/** The log of one index that asks for one. */
export interface IndexLog {
  readonly index: string;
  readonly connection: string;
  readonly log: LogInstallation;
}

export interface LogChoice {
  /** Only what is followed on this connection. */
  readonly connection: string | undefined;
  /** Of a role that owns the tables there. */
  readonly url: string | undefined;
}

/**
 * Opens the logs that the configuration asks for, and closes them whatever happens.
 * @throws InputError for a connection that there is not, and for a url that might be meant for several
 */
export async function withLogs<T>(
  config: ResolvedConfig,
  { connection, url }: LogChoice,
  work: (logs: readonly IndexLog[]) => Promise<T>,
): Promise<T> {
  if (connection !== undefined && !Object.hasOwn(config.connections, connection))
    throw new InputError(
      'connection-unknown',
      `--connection ${connection}: there is no such connection; there is ${Object.keys(config.connections).join(', ')}.`,
    );
  const asking = Object.values(config.indexes).filter(
    ({ source }) => source.changes === 'log' && (connection === undefined || source.connection === connection),
  );
  const names = [...new Set(asking.map(({ source }) => source.connection))];
  if (url !== undefined && names.length > 1)
    throw new InputError(
      'connection-ambiguous',
      `--url is of one server, and indexes follow changes on ${names.join(', ')}: say which with --connection.`,
    );
  const connections = openConnections(config.connections, {
    maxConnections: 2,
    clientName: 'reindeer-cli',
    owners: url === undefined ? {} : Object.fromEntries(names.map((name) => [name, url])),
  });
  try {
    return await work(
      asking.flatMap((definition) => {
        const log = connections.log(definition);
        return log === null ? [] : { index: definition.name, connection: definition.source.connection, log };
      }),
    );
  } finally {
    await connections.close();
  }
}
