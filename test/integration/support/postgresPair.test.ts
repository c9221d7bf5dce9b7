import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PostgresPair, startPostgresPair } from '../../support/postgresPair.ts';
import { testPool } from '../../support/testPool.ts';

let pair: PostgresPair;
beforeAll(async () => {
  pair = await startPostgresPair();
});
afterAll(() => pair?.stop());

it('loses what had not come to the standby, and nothing else, and goes on under the same url', async () => {
  const pool = testPool(await pair.url('shop'));
  await pool.query('create table item (id int primary key)');
  for (const round of [1, 2]) {
    await pool.query(`insert into item values (${round * 10})`);
    await pair.holdStandby();
    await pool.query(`insert into item values (${round * 10 + 1})`);
    await pair.failOver();
    const { rows } = await pool.query(
      'select array_agg(id order by id) as ids, max(pg_walfile_name(pg_current_wal_lsn())) as wal from item',
    );
    expect(rows[0].ids).toEqual(round === 1 ? [10] : [10, 20]);
    expect(rows[0].wal).toMatch(new RegExp(`^0000000${round + 1}`));
    await pair.renewStandby();
  }
  await pool.end();
});
