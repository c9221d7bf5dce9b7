import { InputError } from '@reindeer/core';
import { migrateLedger, openLedger, pendingMigrations } from '@reindeer/ledger';
import type { Verb } from '../verb.ts';

export const migrateVerb: Verb = {
  usage: 'migrate',
  summary: "bring the ledger's schema up to date",
  more: 'Schedulers and dashboards also do so at start, one at a time.',
  options: [['--dry-run', 'say what would be applied, and change nothing']],
  unbuilt: [['--source', 'Changes are not followed yet, so there are no triggers to install.']],
  examples: ['reindeer migrate --dry-run', 'reindeer migrate'],
  async action(context, _args, options) {
    const { terminal } = context;
    const config = await context.loadConfig();
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
