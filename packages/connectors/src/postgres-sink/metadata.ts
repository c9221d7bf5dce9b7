import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationMetadata, GenerationRef } from '../sink.ts';
import type { Session } from './session.ts';

/** One row per generation: who made it and how far tickets may go. Written in the transaction that makes its table. */
export const GENERATIONS = 'reindeer_generations';
/** One row per index: what is live. Locked by every swap and drop. */
export const LIVE = 'reindeer_live';

export interface GenerationRow extends GenerationMetadata {
  /** The text search configuration it was made with, schema included. */
  readonly language: string;
}

/** Makes the two tables where they are missing. Inside a transaction, one at a time: `if not exists` alone races. */
export async function ensureMetadata(session: Session, schema: string): Promise<void> {
  if ((await hasMetadata(session, schema)) && (await hasIdentity(session, schema))) return;
  await session.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`reindeer metadata ${schema}`]);
  await session.query(`create table if not exists ${quoteRelation({ schema, name: GENERATIONS })} (
    name         text collate "C" primary key,
    index        text not null,
    nonce        text not null,
    number       bigint not null,
    definition   bigint not null,
    ticket_bound bigint not null,
    language     text not null,
    fingerprint  text,
    system       text,
    ledger       text,
    created_at   timestamptz not null default now()
  )`);
  // Of an older version.
  await session.query(`alter table ${quoteRelation({ schema, name: GENERATIONS })}
    add column if not exists fingerprint text, add column if not exists system text, add column if not exists ledger text`);
  await session.query(`create table if not exists ${quoteRelation({ schema, name: LIVE })} (
    index           text collate "C" primary key,
    generation      text,
    epoch           bigint not null,
    view_definition text,
    server_major    int,
    moved_at        timestamptz not null default now()
  )`);
}

/** Before the first generation there is nothing of ours in the schema; that is no error. */
export async function hasMetadata(session: Session, schema: string): Promise<boolean> {
  const [found] = await session.query<{ found: boolean }>(
    `select count(*) = 2 as found from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname in ('${GENERATIONS}', '${LIVE}') and c.relkind in ('r', 'p')`,
    [schema],
  );
  return found?.found === true;
}

async function hasIdentity(session: Session, schema: string): Promise<boolean> {
  const [found] = await session.query<{ found: boolean }>(
    `select count(*) > 0 as found from pg_catalog.pg_attribute a
       join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = '${GENERATIONS}' and a.attname = 'ledger' and not a.attisdropped`,
    [schema],
  );
  return found?.found === true;
}

/** The generation's own row; null when there is none of this name for this index. */
export async function readGeneration(
  session: Session,
  schema: string,
  generation: GenerationRef,
): Promise<GenerationRow | null> {
  if (!(await hasMetadata(session, schema))) return null;
  const [row] = await session.query<MetadataColumns>(
    `select ${METADATA_COLUMNS} from ${quoteRelation({ schema, name: GENERATIONS })} where name = $1`,
    [generation.name],
  );
  return row === undefined || row.index !== generation.index ? null : asGenerationRow(row);
}

/** int8 columns arrive as text. Tickets stay safe integers until the year 2255. */
export interface MetadataColumns {
  readonly name: string;
  readonly index: string;
  readonly nonce: string;
  readonly number: string;
  readonly definition: string;
  readonly ticket_bound: string;
  readonly language: string;
  readonly fingerprint: string | null;
  readonly system: string | null;
  readonly ledger: string | null;
}

/** The last three also where an older version made the table without them. */
export const METADATA_COLUMNS = `name, index, nonce, number, definition, ticket_bound, language,
  ${['fingerprint', 'system', 'ledger'].map((column) => `to_jsonb(${GENERATIONS}) ->> '${column}' as ${column}`).join(', ')}`;

export function asGenerationRow(row: MetadataColumns): GenerationRow {
  const { name, index, nonce, language, fingerprint, system, ledger } = row;
  return {
    name,
    index,
    nonce,
    language,
    number: Number(row.number),
    definition: Number(row.definition),
    ticketBound: Number(row.ticket_bound),
    ...(fingerprint === null ? {} : { fingerprint }),
    ...(system === null ? {} : { system }),
    ...(ledger === null ? {} : { ledger }),
  };
}
