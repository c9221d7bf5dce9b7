import { formatCount, InputError } from '@reindeer/core';
import { loadCities } from '../demo/cities.ts';
import { Interrupts } from '../exit/Interrupts.ts';
import { LiveLine } from '../terminal/LiveLine.ts';
import type { Verb } from '../verb.ts';

export const seedVerb: Verb = {
  usage: 'seed <connection>',
  summary: 'demo data: fills public.city of a PostgreSQL connection with 138,398 cities',
  more: 'All or nothing; a table that is filled is left as it is, with what was changed in it since.',
  examples: ['reindeer seed world'],
  async action(context, [name = '']) {
    const { terminal } = context;
    const config = await context.loadConfig();
    const connection = config.connections[name];
    if (connection?.kind !== 'postgres' || connection.url === null)
      throw new InputError(
        'seed-connection',
        `connections.${name}: is no connection to PostgreSQL with a url. Name one of ${Object.keys(config.connections).join(', ')}.`,
      );
    using interrupts = new Interrupts();
    const line = new LiveLine(terminal);
    const { rows, loaded } = await loadCities(connection.url, {
      signal: interrupts.signal,
      onProgress: (done, total) =>
        line.show(
          `  loading cities ${formatCount(done)} of ${formatCount(total)}`,
          `loading cities: ${formatCount(done)} of ${formatCount(total)}`,
        ),
    }).finally(() => line.clear());
    terminal.data({ rows, loaded });
    terminal.line(`${formatCount(rows)} cities ${loaded ? 'were loaded' : 'were there already'} (connection ${name}).`);
    return undefined;
  },
};
