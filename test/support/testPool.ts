import pg from 'pg';

/**
 * A pool of the test's own. Its connections may still be closing when the suite drops its database by force, and what
 * they hear of that then is no failure of any test.
 */
export function testPool(url: string, more: Omit<pg.PoolConfig, 'connectionString'> = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 3, ...more });
  pool.on('error', () => {});
  return pool;
}
