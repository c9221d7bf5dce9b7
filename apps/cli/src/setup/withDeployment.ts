import { setTimeout as wait } from 'node:timers/promises';
import { type ResolvedConfig, requireUrls } from '@reindeer/config';
import { openConnections } from '@reindeer/connectors';
import { type IndexDefinition, InputError } from '@reindeer/core';
import { type Deliver, type OpenIndexes, openIndexes } from '@reindeer/engine';
import { assertSchemaAccepted, type Ledger, openLedger } from '@reindeer/ledger';
import type { TaskQueue } from '@reindeer/queue';

/** A queue that is away is not waited for any longer: the command ends, and its connection with it. */
const CLOSE_LIMIT_MS = 1_000;

// Half of a command's start would be spent on it, and most commands do not need it.
const queuePackage = () => import('@reindeer/queue');

/** What a command works with. Queue and indexes are opened when they are first needed. */
export interface Deployment {
  readonly config: ResolvedConfig;
  readonly ledger: Ledger;
  readonly queue: () => Promise<TaskQueue>;
  readonly deliver: Deliver;
  readonly indexes: OpenIndexes;
  /** @throws InputError `not-in-configuration`. */
  readonly definition: (index: string) => Promise<IndexDefinition>;
}

/** What a command meets first is the ledger: a bare `getaddrinfo ENOTFOUND` would not say of what. */
function nameLedger(error: unknown): never {
  if (error instanceof Error && error.message !== '' && !(error instanceof InputError))
    error.message = `The ledger (ledger.url): ${error.message}`;
  throw error;
}

/**
 * Opens what a command needs, and closes it whatever happens.
 * @throws InputError `url-missing`, `ledger-not-migrated`, `ledger-newer`.
 */
export async function withDeployment<T>(
  config: ResolvedConfig,
  work: (deployment: Deployment) => Promise<T>,
): Promise<T> {
  const { ledgerUrl, queueUrl } = requireUrls(config);
  const ledger = openLedger({
    url: ledgerUrl,
    schema: config.ledger.schema,
    maxConnections: 4,
    applicationName: 'reindeer-cli',
  });
  let queue: Promise<TaskQueue> | null = null;
  const openQueue = () => {
    // An error of the connection ends the call that met it; a command has nobody else to tell.
    queue ??= queuePackage().then(({ openTaskQueue }) =>
      openTaskQueue({ url: queueUrl, prefix: config.queue.prefix, clientName: 'reindeer-cli', onError: () => {} }),
    );
    return queue;
  };
  const indexes = openIndexes(
    config.indexes,
    openConnections(config.connections, { maxConnections: 2, clientName: 'reindeer-cli' }),
  );
  try {
    await assertSchemaAccepted(ledger).catch(nameLedger);
    return await work({
      config,
      ledger,
      queue: openQueue,
      deliver: async (due) => {
        if (due.length > 0) await (await openQueue()).deliver((await queuePackage()).toDeliveries(due));
      },
      indexes,
      definition: async (index) => (await indexes.open(index)).definition,
    });
  } finally {
    await indexes.close();
    const closed = (queue as Promise<TaskQueue> | null)?.then((opened) => opened.close()).catch(() => {});
    await Promise.race([closed, wait(CLOSE_LIMIT_MS, undefined, { ref: false })]);
    await ledger.close();
  }
}
