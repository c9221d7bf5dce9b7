import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import type { FollowedLayout } from './followed.ts';
import { type FunctionKind, type LogFunction, literal, logFunction } from './functionSql.ts';
import { createTrigger, dropTrigger, type LogTrigger, logTriggers } from './triggerSql.ts';

const KINDS: readonly FunctionKind[] = ['row', 'insert', 'update', 'delete', 'truncate'];

/**
 * Makes one table's functions and triggers anew, and records from which transaction on its changes are complete.
 * Creating a trigger waits for all who are writing to the table and keeps others out until this has committed, so a
 * position in which that transaction is visible has nothing behind it that was not logged.
 */
export function installTable(schema: string, followed: FollowedLayout): string[] {
  const triggers = logTriggers(followed);
  const functions = functionsOf(schema, followed);
  const s = quoteIdentifier(schema);
  const root = triggers.filter(({ table }) => table === followed.table);
  return [
    ...functions.flatMap((one) => createFunction(schema, one)),
    // Those of the other mode, if the table had it before.
    ...KINDS.flatMap((kind) =>
      root.some((trigger) => trigger.kind === kind) ? [] : [dropTrigger(triggerOf(schema, followed, kind))],
    ),
    ...triggers.flatMap((trigger) => createTrigger(schema, trigger, quoteIdentifier(nameOf(functions, trigger.kind)))),
    `insert into ${s}.logs (log, relation, key, mode, triggers)
values (${followed.log}, ${literal(quoteRelation(followed.table))}::regclass, array[${followed.key.map(literal).join(', ')}], '${followed.mode}', ${root.length})
on conflict (log) do update
  set relation = excluded.relation, key = excluded.key, mode = excluded.mode, triggers = excluded.triggers, began = excluded.began;`,
  ];
}

/** The reverse. Whoever else follows the same table by the same key loses it too. */
export function removeTable(schema: string, followed: FollowedLayout): string[] {
  const s = quoteIdentifier(schema);
  return [
    ...logTriggers(followed).map(dropTrigger),
    ...functionsOf(schema, followed).map(
      (one) => `drop function if exists ${s}.${quoteIdentifier(one.name)}() cascade;`,
    ),
    `delete from ${s}.logs where log = ${followed.log};`,
    `delete from ${s}.changes where log = ${followed.log};`,
  ];
}

export function functionsOf(schema: string, followed: FollowedLayout): LogFunction[] {
  const kinds = new Set(logTriggers(followed).map(({ kind }) => kind));
  return [...kinds].map((kind) => logFunction(schema, followed, kind));
}

function createFunction(schema: string, { name, body, settings }: LogFunction): string[] {
  const called = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}()`;
  const set = settings.map((setting) => {
    const at = setting.indexOf('=');
    const value = setting.slice(at + 1);
    return `set ${setting.slice(0, at)} = ${setting.startsWith('search_path=') ? value : literal(value)}`;
  });
  let quote = '$reindeer$';
  while (body.includes(quote)) quote = quote.replace(/\$$/, '_$');
  return [
    `create or replace function ${called} returns trigger language plpgsql security definer
${set.join('\n')}
as ${quote}${body}
${quote};`,
    // A trigger calls it with nobody's right to; nobody else shall.
    `revoke all on function ${called} from public;`,
  ];
}

function nameOf(functions: readonly LogFunction[], kind: FunctionKind): string {
  return functions.find(({ name }) => name.startsWith(`${kind}_`))?.name ?? '';
}

function triggerOf(schema: string, followed: FollowedLayout, kind: FunctionKind): LogTrigger {
  const { name } = logFunction(schema, followed, kind);
  return { table: followed.table, name: `reindeer_${name}`, kind, type: 0, enabled: 'O' };
}
