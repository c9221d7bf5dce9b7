import { InputError } from '@reindeer/core';
import { migrateLedger, openLedger, pendingMigrations } from '@reindeer/ledger';
import { Interrupts } from '../exit/Interrupts.ts';
import { migrateSource } from '../source/migrateSource.ts';
import type { Verb, VerbOptions } from '../verb.ts';

export const migrateVerb: Verb = {
  usage: 'migrate',
  summary: "bring the ledger's schema, or with --source the change logs, up to date",
  more: `Schedulers and dashboards also bring the ledger's schema up to date at their start, one at a time.

With --source instead: installs or updates the triggers that log the changes of indexes with source.changes: 'log', and
grants what the user of the connection's url needs to read and prune the log. Whoever installs must own the tables. A
table whose triggers are as they must be is not touched. With --dry-run stdout is SQL for psql.`,
  options: [
    ['--source', "the change logs of the sources, instead of the ledger's schema"],
    ['--dry-run', 'say what would be applied, and change nothing'],
    ['--connection <name>', 'with --source: only on this connection'],
    ['--url <url>', 'with --source: of a role that owns the tables; PGPASSWORD may hold its password'],
    ['--remove', 'with --source: take the triggers away'],
  ],
  examples: [
    'reindeer migrate',
    'reindeer migrate --source --dry-run',
    'reindeer migrate --source --url postgres://owner@db/shop',
  ],
  async action(context, _args, options) {
    const { terminal } = context;
    refuseWithoutSource(options);
    const config = await context.loadConfig();
    if (options.source === true) {
      using interrupts = new Interrupts();
      await migrateSource(
        config,
        terminal,
        {
          dryRun: options.dryRun === true,
          remove: options.remove === true,
          connection: textOf(options.connection),
          url: textOf(options.url),
        },
        interrupts.signal,
      );
      return undefined;
    }
    if (config.ledger.url === null)
      throw new InputError(
        'url-missing',
        'ledger.url: there is none. Set it, or use `reindeer dev`, which migrates what it starts.',
      );
    const ledger = openLedger({
      url: config.ledger.url,
      schema: config.ledger.schema,
      applicationName: 'reindeer-cli',
    });
    try {
      if (options.dryRun === true) {
        const pending = await pendingMigrations(ledger);
        terminal.data({ pending });
        terminal.line(pending.length === 0 ? 'The ledger is up to date.' : `Would apply: ${pending.join(', ')}`);
        return undefined;
      }
      const result = await migrateLedger(ledger);
      terminal.data(result);
      terminal.line(
        result.applied.length === 0
          ? `The ledger is up to date (version ${result.to}).`
          : `Applied ${result.applied.join(', ')}: the ledger is at version ${result.to}.`,
      );
    } finally {
      await ledger.close();
    }
    return undefined;
  },
};

function textOf(option: VerbOptions[string]): string | undefined {
  return typeof option === 'string' ? option : undefined;
}

/** Without --source they would be accepted in silence, and the ledger migrated. */
function refuseWithoutSource(options: VerbOptions): void {
  if (options.source === true) return;
  const alone = ['connection', 'url', 'remove'].find((name) => options[name] !== undefined);
  if (alone !== undefined)
    throw new InputError('needs-source', `--${alone} is only for \`reindeer migrate --source\`.`);
}
