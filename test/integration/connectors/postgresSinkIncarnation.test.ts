import { describe, expect, it } from 'vitest';
import { usePostgresSink } from './postgresSinkFixture.ts';

describe('the incarnation of a PostgreSQL sink', () => {
  const f = usePostgresSink('sink_incarnation');
  const { signal, open, metadata } = f;

  it('changes when the table was put back from a copy, and needs no rights on the server', async () => {
    const sink = open();
    const generation = await sink.createGeneration(metadata('copied'), signal);
    const first = await sink.incarnation(generation, signal);
    expect(first).not.toContain('?');
    await f.pool().query(`create table copy (like ${generation.name} including all);
      drop table ${generation.name}; alter table copy rename to ${generation.name}`);
    const second = await sink.incarnation(generation, signal);
    expect(second).not.toBe(first);

    const role = `plain_${f.database().name}`.slice(0, 60);
    await f.pool().query(`create role "${role}" login password 'secret';
      grant select on reindeer_generations, reindeer_live to "${role}";
      revoke execute on function pg_control_system() from public;
      revoke execute on function pg_current_wal_lsn() from public`);
    const url = new URL(f.database().url);
    url.username = role;
    url.password = 'secret';
    try {
      const sparse = await open({}, {}, url.href).incarnation(generation, signal);
      expect(sparse).toBe(second.replace(/^[^/]+\/[^/]+/, '?/?'));
    } finally {
      await f.pool().query(`grant execute on function pg_control_system() to public;
        grant execute on function pg_current_wal_lsn() to public;
        drop owned by "${role}" cascade; drop role "${role}"`);
    }
  });
});
