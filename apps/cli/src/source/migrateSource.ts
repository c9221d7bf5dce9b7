import type { ResolvedConfig } from '@reindeer/config';
import type { LogFinding } from '@reindeer/connectors';
import { InputError } from '@reindeer/core';
import { FailedError } from '../exit/FailedError.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { installedLines } from './installedLines.ts';
import { type IndexLog, type LogChoice, withLogs } from './openLogs.ts';

export interface SourceMigration extends LogChoice {
  readonly dryRun: boolean;
  /** Takes the triggers away instead. */
  readonly remove: boolean;
}

/** Brings the change logs of the sources to what the configuration asks for, or says in SQL what that would run. */
export async function migrateSource(
  config: ResolvedConfig,
  terminal: Terminal,
  { dryRun, remove, ...choice }: SourceMigration,
  signal: AbortSignal,
): Promise<void> {
  await withLogs(config, choice, async (logs) => {
    if (logs.length === 0) {
      terminal.data({ dryRun, remove, indexes: [] });
      terminal.line(nothingAsked(choice));
      return;
    }
    const indexes: unknown[] = [];
    // Of what several indexes share, each statement once.
    const printed = new Set<string>();
    for (const one of logs) {
      const { index, connection, log } = one;
      const about = { index, connection, schema: log.schema, reader: await log.reader(signal) };
      if (dryRun) {
        const transactions = remove ? await log.removeSql(signal) : await installation(one, signal);
        indexes.push({ ...about, transactions });
        printSql(terminal, one, transactions, printed);
      } else if (remove) {
        const transactions = await log.removeSql(signal);
        await log.remove(signal);
        indexes.push({ ...about, transactions });
        const there = transactions.length > 0;
        terminal.line(`${heading(one)}: ${there ? 'its triggers are gone' : 'there is no log'}`);
      } else {
        const found = await install(one, signal);
        indexes.push({ ...about, found });
        for (const line of report(one, found)) terminal.line(line);
      }
    }
    terminal.data({ dryRun, remove, indexes });
  });
}

function nothingAsked({ connection }: LogChoice): string {
  const where = connection === undefined ? '' : ` on connection ${connection}`;
  return `No index asks for a log of changes${where}: set source.changes to 'log' where changes are to be followed by triggers. Nothing was done.`;
}

function heading({ index, connection, log }: IndexLog): string {
  return `${index} (connection ${connection}, schema ${log.schema})`;
}

async function install({ log, index }: IndexLog, signal: AbortSignal): Promise<readonly LogFinding[]> {
  refuseUnmendable(await log.inspect(signal));
  const found = await log.install(signal);
  const [left] = await log.inspect(signal);
  if (left === undefined) return found;
  throw new FailedError(`The log of changes of ${index} was installed, and yet: ${left.message}`, left.kind);
}

async function installation({ log }: IndexLog, signal: AbortSignal): Promise<readonly (readonly string[])[]> {
  refuseUnmendable(await log.inspect(signal));
  return await log.sql(signal);
}

/** A finding without a remedy names in its message what a person has to decide. */
function refuseUnmendable(found: readonly LogFinding[]): void {
  const finding = found.find(({ remedy }) => remedy.length === 0);
  if (finding !== undefined) throw new InputError(finding.kind, finding.message);
}

function report(one: IndexLog, found: readonly LogFinding[]): string[] {
  const lines = installedLines(found);
  if (lines.length === 0) return [`${heading(one)}: as it must be, nothing was done`];
  return [heading(one), ...lines.map((line) => `  ${line}`)];
}

/** Fit for psql: what is no SQL is a comment. */
function printSql(
  terminal: Terminal,
  one: IndexLog,
  transactions: readonly (readonly string[])[],
  printed: Set<string>,
): void {
  const fresh = transactions.map((statements) => statements.join('\n')).filter((text) => !printed.has(text));
  const why = transactions.length === 0 ? 'nothing to run' : fresh.length === 0 ? 'the same as above' : '';
  terminal.line(`-- ${heading(one)}${why === '' ? '' : `: ${why}`}`);
  for (const text of fresh) {
    printed.add(text);
    terminal.line(text);
  }
}
