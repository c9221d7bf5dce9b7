import { keyColumns, keyText } from './keySql.ts';
import type { Layout, LayoutKey } from './layout.ts';

const BUCKET_BITS = 20;

/**
 * The bucket's leading bits of a row's document, as SQL: of the first 20 bits of its id's MD5 (rule 18). An id's bytes are
 * UTF-8 in every sink, whatever the database's own encoding.
 */
export function bucketPrefix(layout: Layout, bits: number): string {
  const md5 = `md5(convert_to(${documentIdSql(layout)}, 'UTF8'))`;
  return `(('x' || left(${md5}, 5))::bit(${BUCKET_BITS})::int >> ${BUCKET_BITS - bits})`;
}

/** What `documentId` makes of a key: several columns are joined with ':' after '\' and ':' in them are escaped. */
function documentIdSql(layout: Layout): string {
  const columns = keyColumns(layout);
  const texts = layout.key.map((column, place) => keyText(column, columns[place] ?? ''));
  if (texts.length === 1) return texts[0] ?? '';
  return texts.map((text, place) => escaped(layout.key[place], text)).join(` || ':' || `);
}

/** Types whose texts have neither '\' nor ':', and need no looking through. */
const PLAIN = new Set([
  'smallint',
  'integer',
  'bigint',
  'numeric',
  'uuid',
  'date',
  'boolean',
  'real',
  'double precision',
]);

function escaped(column: LayoutKey | undefined, text: string): string {
  if (column !== undefined && (column.isNumeric || PLAIN.has(column.type))) return text;
  // `E''`, so that `standard_conforming_strings` does not matter.
  return String.raw`replace(replace(${text}, E'\\', E'\\\\'), ':', E'\\:')`;
}
