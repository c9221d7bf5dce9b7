import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import type { FollowedLayout } from './followed.ts';
import { functionsOf, installTable } from './installTable.ts';
import type { LogFinding } from './logFinding.ts';
import type { LogTarget } from './logTarget.ts';
import { type LogTrigger, logTriggers } from './triggerSql.ts';

const CATALOG_TIMEOUT_MS = 30_000;

/** What differs between one table's triggers and functions and those it must have. */
export async function tableFindings(
  target: LogTarget,
  followed: FollowedLayout,
  signal: AbortSignal,
): Promise<readonly LogFinding[]> {
  const { schema, writer } = target;
  const remedy = installTable(schema, followed);
  const finding = (kind: LogFinding['kind'], message: string): LogFinding => ({
    kind,
    table: followed.table,
    message,
    remedy,
  });
  const registered = await runStatement(
    writer,
    {
      text: `select began, relation = to_regclass($2) and key = $3::text[] and mode = $4
               from ${quoteIdentifier(schema)}.logs where log = $1`,
      values: [followed.log, quoteRelation(followed.table), [...followed.key], followed.mode],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  const [began, isSame] = registered.rows[0] ?? [];
  if (began === undefined || began === null) {
    return [finding('table-missing', `The changes of ${quoteRelation(followed.table)} are not logged.`)];
  }
  const findings: LogFinding[] = [];
  if (isSame !== 't') {
    findings.push(
      finding(
        'table-missing',
        `${quoteRelation(followed.table)} is another table, or has other parents or children, than when its log was installed.`,
      ),
    );
  }
  for (const trigger of logTriggers(followed)) {
    const problem = await triggerProblem(target, followed, trigger, began, signal);
    if (problem !== null) findings.push(finding(problem.kind, problem.message));
  }
  for (const member of followed.mode === 'row' ? followed.members : []) {
    if (!member.isPartition) continue;
    const { rows } = await runStatement(
      writer,
      {
        text: `select t.tgenabled from pg_catalog.pg_trigger as t join pg_catalog.pg_proc as f on f.oid = t.tgfoid
                where t.tgrelid = to_regclass($1) and f.proname = $2 and f.pronamespace = to_regnamespace($3)`,
        values: [quoteRelation(member), functionsOf(schema, followed)[0]?.name, quoteIdentifier(schema)],
        timeoutMs: CATALOG_TIMEOUT_MS,
      },
      signal,
    );
    if (rows[0]?.[0] === 'A') continue;
    findings.push(
      finding('trigger-disabled', `The partition ${quoteRelation(member)} has no row trigger that is always enabled.`),
    );
  }
  // Those of a log that came with a dump are all of another transaction, and so are its triggers: that is told already.
  const since = findings.length === 0 ? began : null;
  return [...findings, ...(await functionFindings(target, followed, since, finding, signal))];
}

async function triggerProblem(
  { writer, schema }: LogTarget,
  followed: FollowedLayout,
  trigger: LogTrigger,
  began: string,
  signal: AbortSignal,
): Promise<Pick<LogFinding, 'kind' | 'message'> | null> {
  const { rows } = await runStatement(
    writer,
    {
      text: `select t.tgenabled,
                    t.tgtype = $3 and t.tgqual is null and t.tgattr = '' and f.proname = $4 and f.pronamespace = to_regnamespace($5),
                    t.xmin::text::numeric = $6::numeric % 4294967296
               from pg_catalog.pg_trigger as t join pg_catalog.pg_proc as f on f.oid = t.tgfoid
              where t.tgrelid = to_regclass($1) and t.tgname = $2`,
      values: [
        quoteRelation(trigger.table),
        trigger.name,
        trigger.type,
        trigger.name.replace('reindeer_', ''),
        quoteIdentifier(schema),
        began,
      ],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  const named = `The trigger ${quoteIdentifier(trigger.name)} on ${quoteRelation(trigger.table)}`;
  const [enabled, isSame, isUntouched] = rows[0] ?? [];
  if (enabled === undefined) return { kind: 'trigger-missing', message: `${named} is not there.` };
  if (isSame !== 't') return { kind: 'trigger-altered', message: `${named} is not what was installed.` };
  if (enabled !== trigger.enabled) {
    const how = { A: 'always', R: 'as replica', O: 'enabled', D: 'disabled' } as Record<string, string>;
    return {
      kind: 'trigger-disabled',
      message: `${named} is ${how[enabled ?? 'D']}, and must be ${how[trigger.enabled]}.`,
    };
  }
  // Those of members may have been made with a later partition, and only the table's own are compared at each pass.
  if (trigger.table === followed.table && isUntouched !== 't') {
    return {
      kind: 'trigger-altered',
      message: `${named} was altered, or disabled and enabled again, after it was installed: what changed meanwhile is not in the log.`,
    };
  }
  return null;
}

async function functionFindings(
  { writer, schema }: LogTarget,
  followed: FollowedLayout,
  began: string | null,
  finding: (kind: LogFinding['kind'], message: string) => LogFinding,
  signal: AbortSignal,
): Promise<LogFinding[]> {
  const findings: LogFinding[] = [];
  for (const { name, body, settings } of functionsOf(schema, followed)) {
    const { rows } = await runStatement(
      writer,
      {
        text: `select f.prosrc = $3 and f.prosecdef and f.proconfig = $4::text[],
                      has_table_privilege(f.proowner, $5, 'INSERT') and has_schema_privilege(f.proowner, $2, 'USAGE'),
                      pg_get_userbyid(f.proowner), coalesce(f.xmin::text::numeric = $6::numeric % 4294967296, true)
                 from pg_catalog.pg_proc as f where f.proname = $1 and f.pronargs = 0
                  and f.pronamespace = (select n.oid from pg_catalog.pg_namespace as n where n.nspname = $2)`,
        values: [name, schema, `${body}\n`, [...settings], quoteRelation({ schema, name: 'changes' }), began],
        timeoutMs: CATALOG_TIMEOUT_MS,
      },
      signal,
    );
    const called = `The function ${quoteIdentifier(schema)}.${quoteIdentifier(name)}()`;
    const [isSame, mayWrite, owner, isUntouched] = rows[0] ?? [];
    if (isSame === undefined) findings.push(finding('function-missing', `${called} is not there.`));
    else if (isSame !== 't') {
      findings.push(finding('function-altered', `${called} is not what this version and the table's columns need.`));
    } else if (isUntouched !== 't') {
      findings.push(
        finding(
          'function-altered',
          `${called} was altered after it was installed: what changed meanwhile may not be in the log.`,
        ),
      );
    }
    if (mayWrite === 'f') {
      const role = quoteIdentifier(owner ?? '');
      const log = quoteRelation({ schema, name: 'changes' });
      findings.push({
        ...finding(
          'grant-missing',
          `${called} belongs to ${role}, who may not write the log: every change of ${quoteRelation(followed.table)} fails.`,
        ),
        remedy: [`grant usage on schema ${quoteIdentifier(schema)} to ${role};`, `grant insert on ${log} to ${role};`],
      });
    }
  }
  return findings;
}
