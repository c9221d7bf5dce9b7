import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig, type ResolvedConfig } from '@reindeer/config';
import { formatCount, formatDuration, InputError, RefusedError, type RunView } from '@reindeer/core';
import { requestLane } from '@reindeer/engine';
import { loadCities } from '../demo/cities.ts';
import { searchCities } from '../demo/searchCities.ts';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { type LocalFleet, withFleet } from '../fleet/withFleet.ts';
import { followRuns } from '../follow/followRuns.ts';
import { actor } from '../setup/actor.ts';
import { DEMO_CONFIG, dataDirOf } from '../setup/embeddedServer.ts';
import { type Deployment, withDeployment } from '../setup/withDeployment.ts';
import { plural } from '../terminal/format.ts';
import { LiveLine } from '../terminal/LiveLine.ts';
import { renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Verb } from '../verb.ts';
import { runOutcome } from '../views/runOutcome.ts';

const INDEX = 'cities';
const WORKERS = 2;
const INDENT = '  ';

export const demoVerb: Verb = {
  usage: 'demo',
  summary: 'everything embedded: loads 138,398 cities, rebuilds their index, searches it',
  more: 'Needs no Docker, no Redis, no database. Stays up with schedules running until Ctrl-C. Data is kept in .reindeer.',
  options: [['--exit', 'end after the summary, whose last line is the run as JSON']],
  examples: ['reindeer demo', 'reindeer demo --exit | tail -1'],
  async action(context, _args, options): Promise<ExitCode> {
    const { terminal } = context;
    if (context.configPath !== undefined)
      throw new InputError(
        'demo-config',
        '`reindeer demo` has its own configuration. For yours: `reindeer dev --config PATH`.',
      );
    const { config } = await loadConfig({ path: DEMO_CONFIG });
    const log = openLog(path.join(dataDirOf(DEMO_CONFIG), 'demo.log'));
    const { green, dim, bold } = terminal.colors;
    terminal.note(`${bold('Reindeer demo')}  ${dim(`everything embedded; logs in ${log.shownPath}`)}\n`);
    return withFleet(
      {
        config,
        workers: WORKERS,
        json: false,
        note: (text) => terminal.note(text),
        onLine: (_members, member, line) => log.line(member, line),
      },
      async (fleet) => {
        const line = new LiveLine(terminal);
        line.show(dim('  starting scheduler, workers and dashboard'), 'starting scheduler, workers and dashboard');
        const told = await fleet.ready.finally(() => line.clear());
        terminal.note(
          `${green('✔')} Scheduler, ${plural(WORKERS, 'worker process', 'worker processes')} and dashboard are running`,
        );
        const ended = await rebuild(fleet, terminal);
        if (ended.state !== 'completed') {
          terminal.data(ended);
          return EXIT.failed;
        }
        await search(fleet, terminal);
        const dashboard = told.get('dashboard');
        const address = options.exit === true ? dashboard?.url : (dashboard?.signInLink ?? dashboard?.url);
        if (options.exit === true) {
          terminal.note(`\n${dim('Without --exit the dashboard stays, with schedules running:')} ${address ?? ''}`);
          // The summary's last line, with or without --json.
          process.stdout.write(`${JSON.stringify(ended)}\n`);
          return EXIT.done;
        }
        terminal.data(ended);
        terminal.note(`\n  ${bold('Dashboard')}  ${address ?? ''}`);
        terminal.note(dim('             signs in once, within 15 minutes'));
        terminal.note(`\n  ${dim('Schedules are running: the index is rebuilt every minute. In another terminal:')}`);
        terminal.note(`  ${dim(`npx reindeer status --config ${path.relative(process.cwd(), DEMO_CONFIG)}`)}`);
        terminal.note(`\n  Ctrl-C ends the demo.\n`);
        await fleet.interrupted;
        return EXIT.done;
      },
      (filled, signal) => prepare(filled, terminal, signal),
    );
  },
};

async function prepare(config: ResolvedConfig, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { green, dim } = terminal.colors;
  terminal.note(`${green('✔')} PostgreSQL is running, from an npm package`);
  const url = config.connections.world?.url;
  if (url == null) throw new Error('the embedded server gave no url for the demo’s source');
  const line = new LiveLine(terminal);
  const began = performance.now();
  const cities = await loadCities(url, {
    signal,
    onProgress: (rows, total) =>
      line.show(
        dim(`  loading cities ${formatCount(rows)} of ${formatCount(total)}`),
        `loading cities: ${formatCount(rows)} of ${formatCount(total)}`,
      ),
  }).finally(() => line.clear());
  const how = cities.loaded ? `loaded in ${formatDuration(performance.now() - began)}` : 'are there from last time';
  terminal.note(`${green('✔')} ${formatCount(cities.rows)} cities ${how}`);
}

/** Rebuilds; a rebuild that the scheduler has started by itself already will do. */
async function rebuild(fleet: LocalFleet, terminal: Terminal): Promise<RunView> {
  return withDeployment(fleet.config, async (deployment) => {
    const run = await ask(deployment);
    const [ended] = await followRuns(deployment.ledger, [run], terminal, fleet.signal);
    if (ended === undefined) throw new Error(`Run ${run} was not followed.`);
    for (const line of runOutcome(ended, terminal.colors)) terminal.note(line);
    return ended;
  });
}

async function ask({ ledger, deliver, definition }: Deployment): Promise<number> {
  const {
    runs: [started],
    refusals: [refusal],
  } = await requestLane(
    { ledger, deliver },
    {
      index: await definition(INDEX),
      lane: 'rebuild',
      shard: null,
      range: null,
      force: false,
      adopt: false,
      actor: actor(),
    },
  );
  const run = started ?? (refusal?.reason === 'overlap' ? refusal.run : null);
  if (run !== null) return run;
  throw new RefusedError(refusal?.reason ?? 'error', refusal?.detail ?? 'Nothing was started.');
}

async function search(fleet: LocalFleet, terminal: Terminal): Promise<void> {
  const { dim } = terminal.colors;
  const answers = await searchCities(fleet.config, INDEX, fleet.signal);
  terminal.note('');
  for (const line of renderTable(
    [{ title: 'search' }, { title: 'took', align: 'right' }, { title: 'best of the index' }],
    answers.map(({ query, ms, hits }) => [query, `${ms.toFixed(1)} ms`, hits.join(' · ') || dim('nothing')]),
    dim,
    terminal.width() - INDENT.length,
  ))
    terminal.note(`${INDENT}${line}`);
}

function openLog(file: string): { readonly shownPath: string; line(member: string, text: string): void } {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  return {
    shownPath: path.relative(process.cwd(), file) || file,
    line: (member, text) => appendFileSync(file, `${member.padEnd(9)} ${text}\n`),
  };
}
