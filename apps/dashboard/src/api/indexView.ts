import type { ResolvedConfig } from '@reindeer/config';
import { type IndexOverview, type Ledger, notApplied, readIndex, readIndexes } from '@reindeer/ledger';
import type { ScheduledTick, TaskQueue } from '@reindeer/queue';

/** When a lane of an index runs next by itself. */
export interface ScheduleView {
  readonly lane: ScheduledTick['lane'];
  /** null: the whole index. */
  readonly shard: number | null;
  readonly everyMs: number | null;
  readonly cron: string | null;
  readonly timezone: string | null;
  /** null: not known. */
  readonly nextAt: string | null;
}

export interface IndexView extends IndexOverview {
  /** null: the queue does not answer. */
  readonly schedules: readonly ScheduleView[] | null;
}

/** Every index of the ledger, and those of the configuration that no scheduler has applied yet. */
export async function readIndexViews(config: ResolvedConfig, ledger: Ledger, queue: TaskQueue): Promise<IndexView[]> {
  const [known, ticks] = await Promise.all([readIndexes(ledger), readTicks(queue)]);
  const unknown = Object.keys(config.indexes).filter((name) => !known.some(({ index }) => index === name));
  return [...known, ...unknown.map(notApplied)]
    .map((overview) => withSchedules(overview, ticks))
    .sort((a, b) => (a.index < b.index ? -1 : 1));
}

/** One of them; null when neither ledger nor configuration knows it. */
export async function readIndexView(
  config: ResolvedConfig,
  ledger: Ledger,
  queue: TaskQueue,
  name: string,
): Promise<IndexView | null> {
  const [known, ticks] = await Promise.all([readIndex(ledger, name), readTicks(queue)]);
  const overview = known ?? (Object.hasOwn(config.indexes, name) ? notApplied(name) : null);
  return overview && withSchedules(overview, ticks);
}

/** null instead of an error: the ledger's part of the answer is worth having without the queue's. */
function readTicks(queue: TaskQueue): Promise<readonly ScheduledTick[] | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, 2_000, null).unref());
  return Promise.race([queue.schedules().catch(() => null), late]);
}

function withSchedules(overview: IndexOverview, ticks: readonly ScheduledTick[] | null): IndexView {
  return { ...overview, schedules: ticks?.filter(({ index }) => index === overview.index).map(toView) ?? null };
}

function toView({ lane, shard, schedule, next }: ScheduledTick): ScheduleView {
  const cron = schedule.kind === 'cron';
  return {
    lane,
    shard: shard < 0 ? null : shard,
    everyMs: cron ? null : schedule.everyMs,
    cron: cron ? schedule.cron : null,
    timezone: cron ? schedule.timezone : null,
    nextAt: next === null ? null : new Date(next).toISOString(),
  };
}
