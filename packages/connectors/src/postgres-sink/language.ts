import { InputError } from '@reindeer/core';
import type { Session } from './session.ts';

/**
 * The server's own name for a text search configuration, with its schema, so that no search_path decides what it means.
 * @throws InputError naming some that there are
 */
export async function resolveLanguage(session: Session, language: string): Promise<string> {
  const rows = await session.query<{ full: string; name: string; found: boolean }>(
    `select quote_ident(n.nspname) || '.' || quote_ident(c.cfgname) as full, c.cfgname as name,
            (c.cfgname = $1 and n.nspname in ('pg_catalog', 'public')) or n.nspname || '.' || c.cfgname = $1 as found
       from pg_catalog.pg_ts_config c join pg_catalog.pg_namespace n on n.oid = c.cfgnamespace
      order by n.nspname <> 'pg_catalog', c.cfgname`,
    [language],
  );
  const found = rows.find((row) => row.found);
  if (found !== undefined) return found.full;
  const wanted = language.toLowerCase();
  const near = rows.filter((row) => row.name.startsWith(wanted.slice(0, 2))).map((row) => row.name);
  const some = ['simple', 'english', 'german', 'french', 'spanish'].filter((name) => rows.some((r) => r.name === name));
  const listed = [...new Set([...near, ...some])].slice(0, 8).join(', ');
  throw new InputError(
    'unknown-language',
    `sink.mappings.language: ${JSON.stringify(language)} is no text search configuration of the server. ` +
      `Give one of its pg_ts_config, such as ${listed}.`,
  );
}
