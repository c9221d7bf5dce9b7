import { cancel, confirm, intro, isCancel, log, multiselect, outro, password, select, spinner } from '@clack/prompts';
import { formatCount, InputError } from '@reindeer/core';
import { explainError } from '../exit/explainError.ts';
import { InterruptedError } from '../exit/InterruptedError.ts';
import { type Introspection, introspect } from './introspect.ts';
import type { ConfigChoice } from './renderConfig.ts';

/** The few questions of `reindeer init`. @throws InterruptedError when the person does not want to go on. */
export async function askChoice(): Promise<ConfigChoice> {
  intro('Reindeer: a configuration');
  const found = await askDatabase();
  if (found.withoutKey.length > 0)
    log.info(`Left out, because they have no primary key: ${found.withoutKey.slice(0, 10).join(', ')}`);
  const tables = answer(
    await multiselect({
      message: 'Which tables shall be indexed? (space to choose)',
      required: true,
      options: found.tables.map((table) => ({
        value: table,
        label: `${table.schema}.${table.name}`,
        hint: `about ${formatCount(table.rows)} rows, key ${table.key.join(', ')}`,
      })),
    }),
  );
  const rebuild = answer(
    await select<ConfigChoice['rebuild']>({
      message: 'How often shall they be built anew?',
      options: [
        { value: { every: '1d' }, label: 'every day' },
        { value: { every: '1h' }, label: 'every hour' },
        { value: { cron: '0 3 * * 0', timezone: 'UTC' }, label: 'Sundays at 3:00 UTC' },
        { value: null, label: 'only by hand' },
      ],
    }),
  );
  outro('That is all.');
  return { tables, withoutKey: found.withoutKey, rebuild };
}

/** Asks until a database answers; hidden while it is typed, because a url may hold a password. */
async function askDatabase(): Promise<Introspection> {
  for (;;) {
    const url = answer(
      await password({
        message: "The source's url, postgres://user:password@host/database (it is not written into the file)",
        validate: (text) => (/^postgres(ql)?:\/\//.test(text ?? '') ? undefined : 'It begins with postgres://'),
      }),
    );
    const looking = spinner();
    looking.start('Looking at its tables');
    try {
      const found = await introspect(url);
      looking.stop(`${found.tables.length} tables with a primary key`);
      if (found.tables.length > 0) return found;
      log.warn('The user may read no table with a primary key there.');
    } catch (error) {
      looking.stop('It did not answer');
      log.error(explainError(error).message);
    }
    if (!answer(await confirm({ message: 'Try another url?' })))
      throw new InputError('no-table', 'There is no table to index.');
  }
}

function answer<T>(given: T): Exclude<T, symbol> {
  if (!isCancel(given)) return given as Exclude<T, symbol>;
  cancel('Nothing was written.');
  throw new InterruptedError('Interrupted.');
}
