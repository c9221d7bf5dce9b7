import pg from 'pg';
import type { SinkHarness } from '../../../packages/connectors/src/conformance/sink.ts';
import { openPostgresSink } from '../../../packages/connectors/src/postgres-sink/index.ts';
import { freshDatabase } from '../../support/servers.ts';
import { testPool } from '../../support/testPool.ts';

/** The server's side of a PostgreSQL sink, in a database of its own. */
export async function postgresSinkHarness(): Promise<SinkHarness> {
  const database = await freshDatabase('postgres_sink');
  const pool = testPool(database.url);
  const name = pg.escapeIdentifier;
  const texts = async (relation: string) => {
    const { rows } = await pool.query<{ id: string; body: string }>(`select id, body::text as body from ${relation}`);
    return new Map(rows.map(({ id, body }) => [id, body]));
  };
  return {
    open: () =>
      openPostgresSink({
        connection: { name: 'search', url: database.url },
        definition: { connection: 'search', mappings: {}, settings: {} },
      }),
    documents: (generation) => texts(`(select * from ${name(generation.name)} where not deleted) as g`),
    readIndex: (index) => texts(name(index)),
    moveByHand: async (index, to) => {
      await pool.query(
        `create or replace view ${name(index)} as select id, body, search from ${name(to.name)} where not deleted`,
      );
    },
    takeName: async (taken) => {
      await pool.query(`create table ${name(taken)} (precious text)`);
    },
    writeByHand: async (generation, id) => {
      await pool.query(
        `insert into ${name(generation.name)} (id, body, s, b, t, deleted) values ($1, '{}', 0, 0, 1, false)`,
        [id],
      );
    },
    stall: async (generation) => {
      const client = await pool.connect();
      await client.query(`begin; lock table ${name(generation.name)} in exclusive mode`);
      return {
        release: async () => {
          await client.query('rollback');
          client.release();
        },
      };
    },
    requestsUnderWay: async () => {
      const { rows } = await pool.query<{ requests: number }>(
        `select count(*)::int as requests from pg_stat_activity
          where application_name = 'reindeer sink' and state = 'active' and datname = current_database()`,
      );
      return rows[0]?.requests ?? 0;
    },
    refusedBodies: [
      '{"text":"confidential \\u0000"}',
      '{"text":"confidential \\ud800 half"}',
      '{"text":"confidential"',
      'confidential',
      '',
      '{"n":1e999999,"text":"confidential"}',
      JSON.stringify({ confidential: Array.from({ length: 150_000 }, (_, at) => `word${at}`).join(' ') }),
    ],
    exactNumbers: ['0.1000', '9007199254740993', '-9223372036854775808.5', '1e400', '1.7976931348623159e309', '1e-400'],
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}
