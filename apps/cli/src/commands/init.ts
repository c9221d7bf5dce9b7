import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '@reindeer/core';
import { askChoice } from '../init/askChoice.ts';
import { introspect } from '../init/introspect.ts';
import { renderConfig } from '../init/renderConfig.ts';
import { plural } from '../terminal/format.ts';
import type { Verb } from '../verb.ts';

const DEFAULT_FILE = 'reindeer.config.ts';
/** More are better chosen by somebody. */
const MAX_TABLES = 20;

export const initVerb: Verb = {
  usage: 'init',
  summary: 'write a commented configuration, from a few questions or from a database',
  more: 'Looks at the tables with a primary key. The url is not written into the file: it is read from SOURCE_DATABASE_URL.',
  options: [
    ['--from <url>', 'take every table of this database, without questions: postgres://…'],
    ['--force', 'write over a file that is there'],
  ],
  examples: ['reindeer init', 'reindeer init --from postgres://app@db.example/shop --config reindeer.config.ts'],
  async action(context, _args, options) {
    const { terminal } = context;
    const file = path.resolve(context.configPath ?? DEFAULT_FILE);
    if (!/\.m?ts$/.test(file))
      throw new InputError(
        'init-file',
        `--config ${context.configPath}: \`init\` writes TypeScript: give a name that ends in .ts.`,
      );
    if (existsSync(file) && options.force !== true)
      throw new InputError(
        'file-exists',
        `${file} is there already. Write over it with --force, or give another name with --config.`,
      );
    const from = options.from === undefined ? null : String(options.from);
    if (from === null && (process.stdin.isTTY !== true || terminal.json))
      throw new InputError(
        'not-a-terminal',
        'Nobody can be asked here. Give a database: reindeer init --from postgres://…',
      );
    const choice = from === null ? await askChoice() : await chooseAll(from);
    await writeFile(file, renderConfig(choice));
    terminal.data({ path: file, tables: choice.tables.map((table) => `${table.schema}.${table.name}`) });
    const { green, dim } = terminal.colors;
    terminal.line(
      `${green('✔')} ${path.relative(process.cwd(), file)}: ${plural(choice.tables.length, 'index', 'indexes')}`,
    );
    terminal.line('');
    terminal.line(`  ${dim('1.')} export SOURCE_DATABASE_URL=…`);
    terminal.line(`  ${dim('2.')} reindeer check`);
    terminal.line(`  ${dim('3.')} reindeer dev`);
    return undefined;
  },
};

async function chooseAll(url: string) {
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new InputError('init-from', '--from: give postgres://user@host/database.');
  const found = await introspect(url);
  if (found.tables.length === 0)
    throw new InputError(
      'no-table',
      '--from: the user may read no table with a primary key there. Grant it select, or name another database.',
    );
  return { tables: found.tables.slice(0, MAX_TABLES), withoutKey: found.withoutKey, rebuild: { every: '1d' } };
}
