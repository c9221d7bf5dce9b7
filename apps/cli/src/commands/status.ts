import { setTimeout as wait } from 'node:timers/promises';
import { InputError } from '@reindeer/core';
import {
  configurationStanding,
  notApplied,
  readAlive,
  readIndex,
  readIndexes,
  readIndexHealth,
  readLastRuns,
  readTroubles,
} from '@reindeer/ledger';
import type { QueueLimit, ScheduledTick } from '@reindeer/queue';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { Interrupts } from '../exit/Interrupts.ts';
import { type Deployment, withDeployment } from '../setup/withDeployment.ts';
import { wrapText } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Verb } from '../verb.ts';
import { alarmCodes, alarms, type Liveness } from '../views/alarms.ts';
import { indexBlock } from '../views/indexBlock.ts';
import { indexTable } from '../views/indexTable.ts';
import { limitLines } from '../views/limitLines.ts';
import { type StatusView, statusView } from '../views/statusView.ts';

const WATCH_MS = 1_000;
const QUEUE_LIMIT_MS = 3_000;

export const statusVerb: Verb = {
  usage: 'status [index]',
  summary: 'what is live, how fresh, what runs, what comes next, and what is held',
  more: 'With --json each index has `alarms`: no-scheduler, no-worker, queue-unavailable, configuration-older, ticks-paused.',
  options: [['--watch', 'show it again every second until Ctrl-C']],
  examples: ['reindeer status', 'reindeer status cities --watch'],
  async action(context, [index], options) {
    const { terminal } = context;
    const config = await context.loadConfig();
    return withDeployment(config, async (deployment): Promise<ExitCode> => {
      if (options.watch !== true) {
        show(terminal, index, await readStatus(deployment, index));
        return EXIT.done;
      }
      using interrupts = new Interrupts();
      while (!interrupts.signal.aborted) {
        const views = await readStatus(deployment, index);
        // Home, then the text, then the rest of the screen away: nothing flickers.
        if (terminal.live) terminal.raw('\u001b[H\u001b[2J');
        show(terminal, index, views);
        await wait(WATCH_MS, undefined, { signal: interrupts.signal }).catch(() => {});
      }
      return EXIT.interrupted;
    });
  },
};

interface Status {
  readonly views: readonly StatusView[];
  readonly liveness: Liveness;
  /** Set by somebody in Bull Board. */
  readonly limits: readonly QueueLimit[];
}

function show(terminal: Terminal, index: string | undefined, { views, liveness, limits }: Status): void {
  const [only] = views;
  const block = index !== undefined && only !== undefined;
  const told = alarmCodes(liveness);
  terminal.data(block ? { ...only, alarms: told } : views.map((view) => ({ ...view, alarms: told })));
  const lines = block
    ? indexBlock(only, Date.now(), terminal.colors, terminal.width())
    : indexTable(views, Date.now(), terminal.colors, terminal.width());
  // What keeps everything from going on comes first: nothing below it is true for long.
  const limited = limitLines(limits).map((text) => terminal.colors.yellow(text));
  const alarmed = [...alarms(liveness, terminal.colors), ...limited].flatMap((text) =>
    wrapText(text, terminal.width()),
  );
  for (const line of alarmed.length === 0 ? lines : [...alarmed, '', ...lines]) terminal.line(line);
}

async function readStatus({ config, ledger, queue }: Deployment, index: string | undefined): Promise<Status> {
  const [alive, standing, health, lastRuns, troubles, queued] = await Promise.all([
    readAlive(ledger),
    configurationStanding(ledger, config.fingerprint),
    readIndexHealth(ledger),
    readLastRuns(ledger),
    readTroubles(ledger),
    readQueue(queue, index === undefined ? Object.keys(config.indexes) : [index]),
  ]);
  const liveness = {
    ...alive,
    ticksPaused: queued?.ticksPaused ?? false,
    queue: queued !== null,
    older: standing.kind === 'older',
  };
  const limits = queued?.limits ?? [];
  const parts = { ticks: queued?.ticks ?? null, health, lastRuns, troubles };
  if (index === undefined) {
    const known = await readIndexes(ledger);
    const unknown = Object.keys(config.indexes).filter((name) => !known.some((one) => one.index === name));
    return {
      views: [...known, ...unknown.map(notApplied)].map((overview) => statusView(overview, parts)),
      liveness,
      limits,
    };
  }
  const overview =
    (await readIndex(ledger, index)) ?? (Object.hasOwn(config.indexes, index) ? notApplied(index) : null);
  if (overview === null)
    throw new InputError(
      'not-in-configuration',
      `There is no index "${index}"; the configuration has ${Object.keys(config.indexes).join(', ')}.`,
    );
  return { views: [statusView(overview, parts)], liveness, limits };
}

interface Queued {
  readonly limits: readonly QueueLimit[];
  readonly ticks: readonly ScheduledTick[];
  readonly ticksPaused: boolean;
}

/** null instead of an error: what the ledger knows is worth showing without the queue. */
async function readQueue(queue: Deployment['queue'], indexes: readonly string[]): Promise<Queued | null> {
  const late = new AbortController();
  const limit = wait(QUEUE_LIMIT_MS, null, { signal: late.signal }).catch(() => null);
  try {
    return await Promise.race([ask(queue, indexes), limit]);
  } catch {
    return null;
  } finally {
    late.abort();
  }
}

async function ask(queue: Deployment['queue'], indexes: readonly string[]): Promise<Queued> {
  const opened = await queue();
  const [ticks, limits, ticksPaused] = await Promise.all([
    opened.schedules(),
    opened.limits(indexes),
    opened.boardQueues([])[0]?.queue.isPaused() ?? false,
  ]);
  return { ticks, limits, ticksPaused };
}
