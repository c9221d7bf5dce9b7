import type { ChangeLog, ChangePass, Source } from '@reindeer/connectors';
import type { Ledger } from '@reindeer/ledger';
import type { Pool, PoolClient } from 'pg';
import type { Pace } from './Pace.ts';

/** Methods that answer with a stream. */
const STREAMS: ReadonlySet<string> = new Set(['read', 'boundaries', 'resolve', 'ids', 'edited', 'fingerprints']);

/** Methods that answer at once: nothing comes between. */
const AT_ONCE: ReadonlySet<string> = new Set(['stay', 'reconnect']);

/** As many as a pass of the feed takes, or a few passes. */
const STALL_STEPS = 500;

type Call = (...args: unknown[]) => unknown;

/** The same, but before and after each call, each page and each call back (a ticket) it stands still for a while. */
export function pausing<T extends object>(target: T, pace: Pace, own: Partial<T> = {}): T {
  return new Proxy(target, {
    get(_, name) {
      if (name in own) return own[name as keyof T];
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as Call;
      if (AT_ONCE.has(String(name))) return call;
      if (STREAMS.has(String(name)))
        return (...args: unknown[]) => stream(() => call(...args.map((one) => back(one, pace))), pace);
      return async (...args: unknown[]) => {
        await pace.pause();
        const answer = await call(...args.map((one) => back(one, pace)));
        await pace.pause();
        return answer;
      };
    },
  });
}

export function pausingSource(source: Source, pace: Pace): Source {
  return pausing(source, pace, { log: source.log === null ? null : pausingLog(source.log, pace) });
}

function pausingLog(log: ChangeLog, pace: Pace): ChangeLog {
  return pausing(log, pace, {
    async changes(...args): Promise<ChangePass> {
      await pace.stall(STALL_STEPS);
      const pass = await log.changes(...args);
      await pace.pause();
      return { ...pass, pages: stream(() => pass.pages, pace) };
    },
  });
}

/** A handle on the same ledger that stands still around every statement, within transactions too. */
export function pausingLedger(ledger: Ledger, pace: Pace): Ledger {
  const connect = async (): Promise<PoolClient> => {
    await pace.pause();
    const client = await ledger.pool.connect();
    return pausingQueries(client, pace);
  };
  const pool = new Proxy(ledger.pool, {
    get: (target, name) => (name === 'connect' ? connect : member(target, name, pace)),
  });
  return { ...ledger, pool };
}

function pausingQueries(client: PoolClient, pace: Pace): PoolClient {
  return new Proxy(client, { get: (target, name) => member(target, name, pace) });
}

function member(target: Pool | PoolClient, name: string | symbol, pace: Pace): unknown {
  const value = Reflect.get(target, name) as unknown;
  if (typeof value !== 'function') return value;
  const call = value.bind(target) as Call;
  if (name !== 'query') return call;
  return async (...args: unknown[]) => {
    await pace.pause();
    const answer = await call(...args);
    await pace.pause();
    return answer;
  };
}

async function* stream<T>(begin: () => unknown, pace: Pace): AsyncGenerator<T, void, undefined> {
  await pace.pause();
  for await (const page of begin() as AsyncIterable<T>) {
    await pace.pause();
    yield page;
    await pace.pause();
  }
}

/** A ticket is drawn: before and after it is where the order of reads matters most. */
function back(argument: unknown, pace: Pace): unknown {
  if (typeof argument !== 'function') return argument;
  return async (...args: unknown[]) => {
    await pace.stall(STALL_STEPS);
    const answer: unknown = await (argument as Call)(...args);
    await pace.stall(STALL_STEPS);
    return answer;
  };
}
