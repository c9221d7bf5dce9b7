import { randomBytes } from 'node:crypto';
import { type Deployment, deploy } from '../../support/deployment.ts';

/** A deployment whose source belongs to one role and is read by another. */
export interface SourceDeployment extends Deployment {
  /** Owns `public.city` and `public.country`. */
  readonly owner: string;
  readonly ownerUrl: string;
  /** May only select from them; the configuration's `shop` connects as it. */
  readonly reader: string;
  /** The configuration with these properties of the source of the index `cities`. */
  follow(source: string, more?: string): Promise<void>;
}

/** The ledger, the queue and the sink belong to the superuser of the run. */
export async function deploySource(name: string): Promise<SourceDeployment> {
  const deployment = await deploy(name, 'postgres');
  const { db, databaseUrl } = deployment;
  const tag = randomBytes(4).toString('hex');
  const [owner, reader] = [`owner_${tag}`, `reader_${tag}`];
  const urlOf = (role: string) => {
    const url = new URL(databaseUrl);
    url.username = role;
    url.password = 'secret-of-a-role';
    return url.href;
  };
  for (const role of [owner, reader]) await db.query(`create role ${role} login password 'secret-of-a-role'`);
  await db.query(`
    grant create on database ${new URL(databaseUrl).pathname.slice(1)} to ${owner};
    create table public.country (code text primary key, name text not null);
    create table public.city (id bigint primary key, name text not null, country text not null, updated_at timestamptz not null default now());
    create index city_country on public.city (country);
    insert into public.country values ('fi', 'Finland'), ('se', 'Sweden');
    insert into public.city select g, 'city ' || g, 'fi' from generate_series(1, 20) g;
    alter table public.country owner to ${owner}; alter table public.city owner to ${owner};
    grant select on public.city, public.country to ${reader}`);
  return {
    ...deployment,
    owner,
    ownerUrl: urlOf(owner),
    reader,
    follow: (source, more = '') =>
      deployment.configure(
        `{ cities: {
          source: { connection: 'shop', table: 'public.city', key: ['id'], ${source} },
          sink: { connection: 'db', mappings: { text: ['name'] } },
          ${more}
        } }`,
        `connections: {
          shop: { kind: 'postgres', url: ${JSON.stringify(urlOf(reader))} },
          db: { kind: 'postgres', url: ${JSON.stringify(databaseUrl)} },
        }`,
      ),
    close: async () => {
      await db.query(`reassign owned by ${owner} to current_user; drop owned by ${owner}, ${reader}`);
      for (const role of [owner, reader]) await db.query(`drop role ${role}`);
      await deployment.close();
    },
  };
}

/** Of `source.changes: 'log'` with another table that documents are made of. */
export const FOLLOWED = `changes: 'log', dependencies: [{ table: 'public.country', key: ['code'], keys: 'select id from public.city where country = $1' }]`;
