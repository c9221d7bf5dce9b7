import pg from 'pg';

/** The table as one snapshot shows it. */
export interface Look {
  /** By id. */
  readonly rows: ReadonlyMap<string, string>;
  readonly snapshot: string;
  /** The server's time just after the snapshot was taken. */
  readonly at: string;
}

/**
 * What the clients committed, in the words of the database itself: every text that a row ever had, and by which transaction.
 * So it can be told which texts a document may have that was read some time after a snapshot of the table, without any clock.
 */
export class Journal {
  readonly #db: pg.Client;

  private constructor(db: pg.Client) {
    this.#db = db;
  }

  static async open(url: string): Promise<Journal> {
    const db = new pg.Client({ connectionString: url, application_name: 'journal' });
    await db.connect();
    await db.query(`
      create table journal (sequence bigserial primary key, xid xid8 not null default pg_current_xact_id(), id bigint, title text);
      create index on journal (xid);
      create function write_journal() returns trigger language plpgsql as $$
      begin
        if tg_op = 'TRUNCATE' then insert into journal (id) values (null); return null; end if;
        if tg_op <> 'INSERT' then insert into journal (id) values (old.id); end if;
        if tg_op <> 'DELETE' then insert into journal (id, title) values (new.id, new.title); end if;
        return null;
      end $$;
      create trigger journal after insert or update or delete on item for each row execute function write_journal();
      create trigger journal_truncate after truncate on item for each statement execute function write_journal();`);
    return new Journal(db);
  }

  async look(): Promise<Look> {
    await this.#db.query('begin isolation level repeatable read');
    try {
      const { rows } = await this.#db.query<{ id: string; title: string }>('select id, title from item');
      const [now] = (await this.#db.query('select pg_current_snapshot() as snapshot, clock_timestamp()::text as at'))
        .rows;
      return { rows: new Map(rows.map(({ id, title }) => [id, title])), snapshot: now.snapshot, at: now.at };
    } finally {
      await this.#db.query('commit');
    }
  }

  /**
   * Documents that are neither what the look shows nor what a transaction that it does not show made of them. They were
   * read after every change that the look shows had been applied.
   */
  async wrong({ rows, snapshot }: Look, documents: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const { rows: later } = await this.#db.query<{ id: string | null; title: string | null }>(
      `select id, title from (
         select distinct on (xid, id) id, title from journal
          where xid >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(xid, $1::pg_snapshot)
          order by xid, id, sequence desc) as last`,
      [snapshot],
    );
    const truncated = later.some(({ id }) => id === null);
    const may = new Set(later.map(({ id, title }) => `${id} ${title ?? ''}`));
    const wrong: string[] = [];
    for (const id of new Set([...rows.keys(), ...documents.keys()])) {
      const [is, should] = [documents.get(id), rows.get(id)];
      if (is === should || may.has(`${id} ${is ?? ''}`) || (is === undefined && truncated)) continue;
      wrong.push(`${id} is ${is ?? 'no document'}, and was ${should ?? 'no row'} in the table`);
    }
    return wrong;
  }

  close(): Promise<void> {
    return this.#db.end();
  }
}
