import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import type { FollowedLayout } from './followed.ts';
import { type FunctionKind, functionName } from './functionSql.ts';

/** One trigger as it must be on one table. */
export interface LogTrigger {
  readonly table: { readonly schema: string; readonly name: string };
  readonly name: string;
  readonly kind: FunctionKind;
  /** As in `pg_trigger.tgtype`. */
  readonly type: number;
  /** As in `pg_trigger.tgenabled`: in every session, only as a replica applies changes, or only otherwise. */
  readonly enabled: 'A' | 'R' | 'O';
}

const [ROW, INSERT, DELETE, UPDATE, TRUNCATE] = [1, 4, 8, 16, 32] as const;

const EVENTS: Readonly<Record<FunctionKind, { readonly when: string; readonly type: number }>> = {
  insert: { when: 'insert on T referencing new table as new_rows for each statement', type: INSERT },
  update: {
    when: 'update on T referencing old table as old_rows new table as new_rows for each statement',
    type: UPDATE,
  },
  delete: { when: 'delete on T referencing old table as old_rows for each statement', type: DELETE },
  row: { when: 'insert or update or delete on T for each row', type: ROW | INSERT | UPDATE | DELETE },
  truncate: { when: 'truncate on T for each statement', type: TRUNCATE },
};

/**
 * Every way a row can change fires exactly one of them. A subscription's apply fires row triggers only, never those of
 * statements, and sessions that act as a replica fire none that is not made for it: so a plain table has statement
 * triggers for all others and a row trigger for these. A statement on a parent fires the statement triggers of the
 * parent alone, and one on a partition those of the partition: there a row trigger does it all.
 * A partition gets its row trigger from its parent, also when it is attached later.
 */
export function logTriggers(followed: FollowedLayout): LogTrigger[] {
  const { table, mode, members } = followed;
  const on = (target: LogTrigger['table'], kind: FunctionKind, enabled: LogTrigger['enabled']): LogTrigger => ({
    table: target,
    name: `reindeer_${functionName(followed, kind)}`,
    kind,
    type: EVENTS[kind].type,
    enabled,
  });
  if (mode === 'statement') {
    return [
      on(table, 'insert', 'O'),
      on(table, 'update', 'O'),
      on(table, 'delete', 'O'),
      on(table, 'row', 'R'),
      on(table, 'truncate', 'A'),
    ];
  }
  return [
    on(table, 'row', 'A'),
    on(table, 'truncate', 'A'),
    ...members.flatMap((member) => [
      ...(member.isPartition ? [] : [on(member, 'row', 'A')]),
      on(member, 'truncate', 'A'),
    ]),
  ];
}

export function createTrigger(schema: string, trigger: LogTrigger, functionOf: string): string[] {
  const target = quoteRelation(trigger.table);
  const name = quoteIdentifier(trigger.name);
  const enable = { A: 'enable always', R: 'enable replica', O: null }[trigger.enabled];
  return [
    dropTrigger(trigger),
    `create trigger ${name} after ${EVENTS[trigger.kind].when.replace('T', () => target)} execute function ${quoteIdentifier(schema)}.${functionOf}();`,
    ...(enable === null ? [] : [`alter table ${target} ${enable} trigger ${name};`]),
  ];
}

export function dropTrigger(trigger: LogTrigger): string {
  return `drop trigger if exists ${quoteIdentifier(trigger.name)} on ${quoteRelation(trigger.table)};`;
}
