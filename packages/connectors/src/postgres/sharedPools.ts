import type { Pool } from 'pg';

/** Pools by what they are for, each opened when it is first asked for: every index of a process uses the same ones. */
export interface SharedPools {
  /** `name`: the connection's and the end's; sessions of sources and sinks are set up differently. */
  open(name: string, make: () => Pool): Pool;
  /** Ends all of them, once; nothing is opened afterwards. */
  close(): Promise<void>;
}

export function sharedPools(): SharedPools {
  const pools = new Map<string, Pool>();
  let closing: Promise<void> | undefined;
  return {
    open(name, make) {
      if (closing !== undefined) throw new Error(`The connections are closed: ${name} is not opened any more.`);
      const pool = pools.get(name) ?? make();
      pools.set(name, pool);
      return pool;
    },
    close() {
      closing ??= Promise.allSettled([...pools.values()].map((pool) => pool.end())).then(() => undefined);
      return closing;
    },
  };
}
