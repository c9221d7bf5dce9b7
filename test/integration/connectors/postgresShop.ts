import type { SourceDefinition } from '@reindeer/core';
import { openPostgresSource } from '../../../packages/connectors/src/postgres-source/index.ts';
import type { Source } from '../../../packages/connectors/src/source.ts';
import { freshDatabase } from '../../support/servers.ts';
import { sourceDefinition } from '../../support/sourceDefinition.ts';
import { testPool } from '../../support/testPool.ts';

export interface Shop {
  readonly url: string;
  /** Any SQL, several statements too; rows of the last. */
  run(sql: string): Promise<readonly (readonly string[])[]>;
  /** A source of the index `cities`; closed with the shop. */
  source(definition: Partial<SourceDefinition>, options?: { url?: string; exactBoundariesCost?: number }): Source;
  close(): Promise<void>;
}

/** A database of its own, with what tests of the source need. */
export async function openShop(name: string): Promise<Shop> {
  const database = await freshDatabase(name);
  const pool = testPool(database.url, { max: 2 });
  pool.on('error', () => {});
  const sources: Source[] = [];
  return {
    url: database.url,
    run: async (sql) => {
      const answer: unknown = await pool.query({ text: sql, rowMode: 'array' });
      const last = (Array.isArray(answer) ? answer.at(-1) : answer) as { rows: string[][] };
      return last.rows;
    },
    source: (definition, options = {}) => {
      const source = openPostgresSource({
        connection: { name: 'shop', url: options.url ?? database.url },
        index: 'cities',
        fingerprint: 'first',
        ...(options.exactBoundariesCost === undefined ? {} : { exactBoundariesCost: options.exactBoundariesCost }),
        definition: cityDefinition(definition),
      });
      sources.push(source);
      return source;
    },
    close: async () => {
      await Promise.all(sources.map((source) => source.close()));
      await pool.end();
      await database.drop();
    },
  };
}

/** The table `public.city`, or the query of the definition that is given. */
export function cityDefinition(definition: Partial<SourceDefinition>): SourceDefinition {
  return sourceDefinition('shop', 'city', definition);
}
