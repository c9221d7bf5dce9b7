import { quoteIdentifier } from '../postgres/quote.ts';
import { keyText } from '../postgres-source/keySql.ts';
import { SESSION_SETTINGS } from '../postgres-source/sessionSettings.ts';
import type { FollowedColumn, FollowedLayout } from './followed.ts';

/** What a trigger calls, as it must stand in the catalog. */
export interface LogFunction {
  readonly name: string;
  readonly body: string;
  /** `name=value`, as `pg_proc.proconfig` holds them. */
  readonly settings: readonly string[];
}

export type FunctionKind = 'row' | 'insert' | 'update' | 'delete' | 'truncate';

/** Types whose text depends on no setting: for them a call need not set any, which costs as much as the call itself. */
const PLAIN =
  /^(smallint|integer|bigint|text|character varying|character|uuid|boolean|numeric|name|oid|inet|cidr|macaddr8?)(\(|$)/;
const TIMES = /^(date|timestamp)/;

/** One column's text is the very text that a read gives (I10): the same expression under the same settings. */
function settingsFor(columns: readonly FollowedColumn[]): string[] {
  const needed = new Set<string>();
  for (const { type } of columns) {
    if (PLAIN.test(type)) continue;
    const names = TIMES.test(type) ? ['TimeZone', 'DateStyle'] : TEXT_SETTINGS;
    for (const name of names) needed.add(name);
  }
  // Nothing that the caller's search_path offers is ever found, for these functions run with their owner's rights.
  return ['search_path=pg_catalog, pg_temp', ...[...needed].map((name) => `${name}=${SESSION_SETTINGS[name]}`)];
}

const TEXT_SETTINGS = [
  'TimeZone',
  'DateStyle',
  'IntervalStyle',
  'extra_float_digits',
  'bytea_output',
  'lc_monetary',
] as const;

export function functionName(followed: FollowedLayout, kind: FunctionKind): string {
  return `${kind}_${BigInt(followed.log).toString(16).padStart(16, '0')}`;
}

export function logFunction(schema: string, followed: FollowedLayout, kind: FunctionKind): LogFunction {
  return {
    name: functionName(followed, kind),
    body: body(schema, followed, kind),
    settings: settingsFor(kind === 'truncate' ? [] : followed.columns),
  };
}

function body(schema: string, followed: FollowedLayout, kind: FunctionKind): string {
  const into = `insert into ${quoteIdentifier(schema)}.changes (log, key)`;
  const unknown = `${into} values (${followed.log}, null);`;
  const keyOf = (row: string) =>
    `array[${followed.columns.map((column) => keyText(column, `${row}.${quoteIdentifier(column.name)}`)).join(', ')}]`;
  switch (kind) {
    case 'truncate':
      return `
begin
  ${unknown}
  return null;
end`;
    case 'row':
      return rowBody(followed, into, unknown, keyOf);
    case 'insert':
      return statementBody(followed, unknown, `${into} select ${followed.log}, ${keyOf('n')} from new_rows as n;`);
    case 'delete':
      return statementBody(followed, unknown, `${into} select ${followed.log}, ${keyOf('o')} from old_rows as o;`);
    case 'update':
      return statementBody(followed, unknown, `${into} select ${followed.log}, ${bothKeys(followed.columns)}`);
  }
}

/**
 * Both keys of a key that changed, one of a key that did not. Compared as texts, because values can be equal and have
 * different ones (0 and -0, 1 month and 30 days); column by column, because arrays take twice as long.
 */
function bothKeys(columns: readonly FollowedColumn[]): string {
  const texts = (row: string) =>
    columns
      .map((column, place) => `${keyText(column, `${row}.${quoteIdentifier(column.name)}`)} collate "C" as k${place}`)
      .join(', ');
  return `array[${columns.map((_, place) => `k.k${place}`).join(', ')}]
      from (select ${texts('n')} from new_rows as n union select ${texts('o')} from old_rows as o) as k;`;
}

/**
 * A column that was renamed, or is of another type now, must fail no transaction of the application, nor log a text
 * that is no key: what is logged then is that some keys changed. A subtransaction that writes nothing takes no number.
 */
function rowBody({ columns }: FollowedLayout, into: string, unknown: string, keyOf: (row: string) => string): string {
  const log = unknown.match(/values \((\d+)/)?.[1];
  const typed = (row: string) =>
    columns
      .map((column) => `pg_typeof(${row}.${quoteIdentifier(column.name)}) = ${literal(column.declared)}::regtype`)
      .join(' and ');
  return `
declare
  old_key text[];
  new_key text[];
  known boolean := true;
begin
  begin
    if tg_op <> 'INSERT' then
      known := ${typed('old')};
      old_key := ${keyOf('old')};
    end if;
    if tg_op <> 'DELETE' then
      known := ${typed('new')};
      new_key := ${keyOf('new')};
    end if;
  exception when others then
    known := false;
  end;
  if not known then
    ${unknown}
    return null;
  end if;
  if old_key is not null then
    ${into} values (${log}, old_key);
  end if;
  if new_key is not null and new_key is distinct from old_key then
    ${into} values (${log}, new_key);
  end if;
  return null;
end`;
}

function statementBody({ columns }: FollowedLayout, unknown: string, insert: string): string {
  const expected = columns.map((column) => `(${literal(column.name)}, ${literal(column.declared)})`).join(', ');
  return `
begin
  if (select count(*) from pg_attribute
       where attrelid = tg_relid and not attisdropped
         and (attname, format_type(atttypid, null)) in (${expected})) = ${columns.length} then
    ${insert}
  else
    ${unknown}
  end if;
  return null;
end`;
}

export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}
