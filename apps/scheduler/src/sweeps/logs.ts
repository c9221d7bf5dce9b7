import type { Position, Source } from '@reindeer/connectors';
import type { IndexDefinition } from '@reindeer/core';
import { type Consumer, giveUpConsumer, noteKeysAnew, pruneRequestedKeys, readConsumers } from '@reindeer/ledger';
import type { SweepContext } from '../sweepContext.ts';

/**
 * Prunes the logs below what every consumer is done with, and gives up those that are too far behind (rule 7). One log
 * serves all indexes of a database, whatever their connections are called: it is pruned below the lowest of all their
 * positions.
 */
export async function sweepLogs(context: SweepContext): Promise<void> {
  // A ledger that was moved is not told by what the sink has: nothing went back.
  const anew = await noteKeysAnew(context.engine.ledger);
  if (anew > 0)
    context.logger.warn({ keys: anew }, 'requested keys of another cluster are due again: the ledger was moved');
  await pruneRequestedKeys(context.engine.ledger);
  const followed = Object.values(context.config.indexes).filter(({ source }) => source.changes === 'log');
  const logs = Map.groupBy(followed, ({ source }) => JSON.stringify([source.connection, source.log.schema]));
  for (const indexes of logs.values()) {
    try {
      await sweepLog(context, indexes, followed);
    } catch (error) {
      const names = indexes.map(({ name }) => name);
      context.logger.warn({ indexes: names, error }, 'the log of changes could not be pruned; tried again later');
    }
  }
}

/** @param indexes of one connection and schema @param followed all indexes that follow a log */
async function sweepLog(
  context: SweepContext,
  indexes: readonly IndexDefinition[],
  followed: readonly IndexDefinition[],
): Promise<void> {
  const { engine, signal, logger } = context;
  const [first] = indexes;
  if (first === undefined) return;
  const { source } = await context.indexes.open(first.name);
  if (source.log === null) return;
  // Before the consumers are read: who registers after that takes a later position.
  const now = await source.position(signal);
  const ofSchema = followed.filter((index) => index.source.log.schema === first.source.log.schema);
  const consumers = async () =>
    (await readConsumers(engine.ledger)).filter(
      ({ index, echoed }) =>
        indexes.some(({ name }) => name === index) ||
        // Of another connection that leads to the same database, as the position says: it may not answer now.
        (echoed.system === now.system && ofSchema.some(({ name }) => name === index)),
    );
  await giveUpLate(context, source, ofSchema, await consumers());
  // One that was given up goes on from a new position, and keeps nothing.
  const positions = (await consumers()).flatMap(({ echoed, invalid }) =>
    invalid ? [] : [echoed as unknown as Position],
  );
  // Positions of before a failover cannot be compared: the feed's next pass moves them.
  if (positions.some(({ system, timeline }) => system !== now.system || timeline !== now.timeline)) return;
  const pruned = await source.log.prune(positions.length === 0 ? [now] : positions, signal);
  if (pruned > 0) logger.debug({ index: first.name, pruned }, 'the log of changes was pruned');
}

async function giveUpLate(
  { engine, logger, signal }: SweepContext,
  source: Source,
  indexes: readonly IndexDefinition[],
  consumers: readonly Consumer[],
): Promise<void> {
  const size = await source.log?.size(signal);
  // One that was given up keeps nothing, however long ago it passed: the next is the last then.
  const keeping = consumers.filter(({ invalid }) => !invalid);
  const latest = keeping.reduce((age, consumer) => Math.max(age, consumer.ageMs), 0);
  for (const consumer of keeping) {
    const index = indexes.find(({ name }) => name === consumer.index);
    if (index === undefined || size === undefined) continue;
    const { rows, bytes } = size;
    const bounds = index.source.log;
    // The log is as long as the last of its consumers leaves it; one that keeps up leaves it nothing.
    const isLast = consumer.ageMs === latest && consumer.ageMs > index.rebuild.maxLagMs;
    const over = consumer.ageMs > bounds.maxAgeMs || (isLast && (rows > bounds.maxRows || bytes > bounds.maxBytes));
    if (!over || !(await giveUpConsumer(engine.ledger, consumer.generation, 'changes-pruned'))) continue;
    logger.warn(
      { index: consumer.index, generation: consumer.name, ageMs: consumer.ageMs, rows, bytes, bounds },
      'a generation is too far behind the log of changes, and is given up',
    );
  }
}
