import type { SourceTable } from './introspect.ts';

export interface ConfigChoice {
  readonly tables: readonly SourceTable[];
  /** Found, and of no use without a key. */
  readonly withoutKey: readonly string[];
  readonly rebuild: { readonly every: string } | { readonly cron: string; readonly timezone: string } | null;
}

const IMPORT_NOTE = '// For types and completion alone: the file works wherever it is.';

/** A commented configuration. It holds no secret: urls come from the environment, and what has none is embedded in `dev`. */
export function renderConfig(choice: ConfigChoice): string {
  const names = new Set<string>();
  const indexes = choice.tables.map((table) => renderIndex(indexName(table, names), table, choice.rebuild));
  const skipped =
    choice.withoutKey.length === 0
      ? ''
      : `    // Without a primary key, and so without documents' ids: ${choice.withoutKey.slice(0, 20).join(', ')}.\n`;
  return `${IMPORT_NOTE}
import type { Config } from '@reindeer/config';

// \${NAME} is taken from the environment, or from the file that NAME_FILE names; \${NAME:-} may be missing:
// \`reindeer dev\` then starts an embedded PostgreSQL for it. All keys: docs/configuration.md
export default {
  // What is done and what is left to do. PostgreSQL 13 or newer.
  ledger: { url: '\${REINDEER_LEDGER_URL:-}' },
  // Delivers work to the workers: redis://… or postgres://…
  queue: { url: '\${REINDEER_QUEUE_URL:-}' },

  connections: {
    source: { kind: 'postgres', url: '\${SOURCE_DATABASE_URL}' },
    search: { kind: 'postgres', url: '\${SEARCH_DATABASE_URL:-}' },
  },

  indexes: {
${skipped}${indexes.join('')}  },
} satisfies Config;
`;
}

function renderIndex(name: string, table: SourceTable, rebuild: ConfigChoice['rebuild']): string {
  const schedule =
    rebuild === null
      ? `      // Not scheduled: built once, and then by \`reindeer run ${name}\`.\n`
      : `      // When the index is built anew and swapped in.\n      rebuild: ${rebuildText(rebuild)},\n`;
  return `    ${property(name)}: {
      source: { connection: 'source', table: ${literal(tableText(table))}, key: [${table.key.map(literal).join(', ')}] },
      // mappings: which fields are searched (default: every text), and how much each counts, A most.
      // sink: { connection: 'search', mappings: { text: ['name'], weights: { name: 'A' }, language: 'english' } },
      sink: { connection: 'search' },
      // A document made of a row; null leaves the row out.
      // transform: (row) => ({ ...row }),
${schedule}    },
`;
}

function rebuildText(rebuild: NonNullable<ConfigChoice['rebuild']>): string {
  return 'every' in rebuild
    ? `{ every: ${literal(rebuild.every)} }`
    : `{ cron: ${literal(rebuild.cron)}, timezone: ${literal(rebuild.timezone)} }`;
}

/** `schema.table`, quoted where a part would be read in another way. */
export function tableText(table: { readonly schema: string; readonly name: string }): string {
  return [table.schema, table.name]
    .map((part) => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join('.');
}

/** A table's name as an index's: lower case, digits, _ and -; made unique among `taken`, to which it is added. */
export function indexName(table: { readonly schema: string; readonly name: string }, taken: Set<string>): string {
  const clean = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]+/g, '_')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 36) || 'index';
  const plain = clean(table.name);
  let name = taken.has(plain) ? clean(`${table.schema}_${table.name}`) : plain;
  for (let at = 2; taken.has(name); at += 1) name = `${plain}_${at}`;
  taken.add(name);
  return name;
}

function property(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : literal(name);
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\${')}'`;
}
