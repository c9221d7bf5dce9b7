import { type ResolvedConfig, requireUrls } from '@reindeer/config';
import { mayNotConnect, openConnections } from '@reindeer/connectors';
import { formatCount, InputError } from '@reindeer/core';
import { openIndexes } from '@reindeer/engine';
import { openLedger, pendingMigrations, query, quoteIdentifier } from '@reindeer/ledger';
import { EXIT } from '../exit/exitCode.ts';
import { explainError } from '../exit/explainError.ts';
import { plural } from '../terminal/format.ts';
import { changesFindings } from './changesFindings.ts';
import type { Finding } from './finding.ts';

/** Asks every server that the configuration names, one after the other, and goes on when one fails. */
export async function checkConnections(config: ResolvedConfig, signal: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add = (kind: Finding['kind'], place: string, text: string) =>
    void findings.push({ kind, place, text, code: null });
  const attempt = async (place: string, work: () => Promise<void>): Promise<boolean> => {
    try {
      signal.throwIfAborted();
      await work();
      return true;
    } catch (error) {
      const { exitCode, code, message } = explainError(error);
      findings.push({ kind: exitCode === EXIT.usage ? 'wrong' : 'unavailable', place, text: message, code });
      return false;
    }
  };

  await attempt('ledger', async () => add('works', 'ledger', await checkLedger(config)));
  await attempt('queue', async () => {
    const notes: string[] = [];
    const { queueUrl } = requireUrls(config);
    const { openTaskQueue } = await import('@reindeer/queue');
    const queue = await openTaskQueue({
      url: queueUrl,
      prefix: config.queue.prefix,
      onError: (error) => notes.push(error.message),
    });
    try {
      await queue.ping();
      add('works', 'queue', `answers (${queue.backend === 'redis' ? 'Redis' : 'PostgreSQL'})`);
      for (const note of notes) add('warning', 'queue', note);
    } finally {
      await queue.close();
    }
  });
  const connections = openConnections(config.connections, { maxConnections: 2, clientName: 'reindeer-check' });
  const indexes = openIndexes(config.indexes, connections);
  try {
    for (const name of Object.keys(config.indexes)) {
      const isReadable = await attempt(`indexes.${name}.source`, async () => {
        const { source } = await indexes.open(name);
        const found = await source.describe(signal);
        const key = found.key.map((column) => `${column.name} ${column.type}`).join(', ');
        const rows = `${found.rowsExact ? '' : 'about '}${plural(found.rows, 'row')}`;
        add('works', `indexes.${name}.source`, `${rows}, ${plural(found.columns.length, 'column')}, key ${key}`);
        for (const warning of found.warnings) add('warning', `indexes.${name}.source`, warning);
      });
      if (isReadable) {
        await attempt(`indexes.${name}.source.changes`, async () => {
          const { definition } = await indexes.open(name);
          const check = await connections.checkChanges(definition, signal);
          if (check !== null) findings.push(...changesFindings(name, definition.source.connection, check));
        });
      }
      await attempt(`indexes.${name}.sink`, async () => {
        const { sink } = await indexes.open(name);
        const warnings = await sink.check(name, signal);
        const live = await sink.live(name, signal);
        const count =
          live === null
            ? 'nothing live yet'
            : `live: ${live.generation.name}, ${formatCount(await sink.count(live.generation, signal))} documents`;
        add('works', `indexes.${name}.sink`, `may be written, ${count}`);
        for (const warning of warnings) add('warning', `indexes.${name}.sink`, warning);
      });
    }
  } finally {
    await indexes.close();
  }
  return findings;
}

async function checkLedger(config: ResolvedConfig): Promise<string> {
  const { ledgerUrl } = requireUrls(config);
  const { schema } = config.ledger;
  const ledger = openLedger({ url: ledgerUrl, schema, maxConnections: 1, applicationName: 'reindeer-check' });
  try {
    const [server] = await query<{ version: string; user: string; database: string; there: boolean; may: boolean }>(
      ledger,
      `select current_setting('server_version') as version, current_user as user, current_database() as database,
              n.oid is not null as there,
              case when n.oid is null then has_database_privilege(current_database(), 'create')
                   else has_schema_privilege(n.oid, 'create') and has_schema_privilege(n.oid, 'usage') end as may
         from (select (select oid from pg_namespace where nspname = $1) as oid) n`,
      [schema],
    ).catch((error: unknown) => {
      throw mayNotConnect(error, ledgerUrl);
    });
    if (server?.may === false) {
      const on = server.there
        ? `create, usage on schema ${quoteIdentifier(schema)}`
        : `create on database ${quoteIdentifier(server.database)}`;
      throw new InputError(
        'denied',
        `ledger: the user ${server.user} may not ${server.there ? 'use' : 'create'} the schema ${schema}. As its owner: grant ${on} to ${quoteIdentifier(server.user)};`,
      );
    }
    const pending = await pendingMigrations(ledger);
    const state =
      pending.length === 0 ? 'is up to date' : `needs ${plural(pending.length, 'migration')} (\`reindeer migrate\`)`;
    return `PostgreSQL ${server?.version ?? '?'}, schema ${schema} ${state}`;
  } finally {
    await ledger.close();
  }
}
