import { quoteRelation } from '../postgres/quote.ts';
import type { GenerationInfo } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { asGenerationRow, GENERATIONS, hasMetadata, LIVE, METADATA_COLUMNS, type MetadataColumns } from './metadata.ts';
import { type Session, withSession } from './session.ts';
import { readView } from './view.ts';

interface ListedRelation {
  readonly name: string;
  readonly documents: string | null;
  readonly bytes: string;
}

/**
 * Generations of the index, newest first, then strangers: relations with the index's name, or one like a generation's.
 * `documents` is the server's estimate, tombstones included; null before the first ANALYZE. A generation whose table
 * somebody dropped by hand is listed without bytes.
 */
export async function list(
  { schema, ...rest }: SinkDatabase,
  index: string,
  signal: AbortSignal,
): Promise<readonly GenerationInfo[]> {
  return await withSession({ schema, ...rest }, signal, async (session) => {
    const ours = (await hasMetadata(session, schema)) ? await readOurs(session, schema, index) : null;
    const view = await readView(session, schema, index);
    const relations = await readRelations(session, schema, index, ours?.generations.map(({ name }) => name) ?? []);
    const known = new Map(ours?.generations.map((row) => [row.name, row]) ?? []);
    const generations = [...known.values()].map((metadata): GenerationInfo => {
      const relation = relations.find(({ name }) => name === metadata.name);
      return info(metadata.name, relation, metadata, view?.reads === metadata.name);
    });
    const strangers = relations.filter(
      ({ name }) => !known.has(name) && !ours?.others.has(name) && !(name === index && ours?.moved && view !== null),
    );
    return [
      ...generations,
      ...strangers.map((relation) => info(relation.name, relation, null, view?.reads === relation.name)),
    ];
  });
}

function info(
  name: string,
  relation: ListedRelation | undefined,
  metadata: MetadataColumns | null,
  live: boolean,
): GenerationInfo {
  const documents = relation?.documents ?? null;
  return {
    name,
    metadata: metadata === null ? null : withoutLanguage(metadata),
    live,
    documents: documents === null ? null : Number(documents),
    bytes: relation === undefined ? null : Number(relation.bytes),
  };
}

function withoutLanguage(row: MetadataColumns): GenerationInfo['metadata'] {
  const { language: _, ...metadata } = asGenerationRow(row);
  return metadata;
}

/** Our generations of the index, and the names that Reindeer itself uses for other indexes. */
async function readOurs(session: Session, schema: string, index: string) {
  const rows = await session.query<MetadataColumns>(
    `select ${METADATA_COLUMNS} from ${quoteRelation({ schema, name: GENERATIONS })} order by number desc, name`,
  );
  const swapped = await session.query<{ index: string }>(
    `select index from ${quoteRelation({ schema, name: LIVE })} where generation is not null`,
  );
  const others = rows.filter((row) => row.index !== index).map((row) => row.name);
  const otherIndexes = swapped.filter((row) => row.index !== index).map((row) => row.index);
  return {
    generations: rows.filter((row) => row.index === index),
    others: new Set([...others, ...otherIndexes]),
    moved: swapped.some((row) => row.index === index),
  };
}

async function readRelations(session: Session, schema: string, index: string, known: readonly string[]) {
  return await session.query<ListedRelation>(
    `select c.relname::text as name, case when c.relkind = 'r' then nullif(c.reltuples, -1)::bigint end as documents,
            pg_catalog.pg_total_relation_size(c.oid) as bytes
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and (c.relname = $2 or starts_with(c.relname::text, $2 || '_g') or c.relname = any($3::text[]))
      order by c.relname`,
    [schema, index, known],
  );
}
