import { randomBytes, randomUUID } from 'node:crypto';
import { EMPTY_TALLY, NO_OPTIONS, type Tally, WHOLE_INDEX } from '@reindeer/core';
import {
  applyConfiguration,
  type ClaimedTask,
  claimTask,
  createGeneration,
  type Ledger,
  migrateLedger,
  openLedger,
  openRun,
  renewLease,
  type TaskKind,
} from '@reindeer/ledger';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';

export interface TestLedger {
  readonly ledger: Ledger;
  readonly database: FreshDatabase;
  /** A new worker process with a lease. */
  worker(leaseMs?: number): Promise<string>;
  /** Opens a rebuild of `books`, which has definition 1. */
  openRun(slot?: number | null): ReturnType<typeof openRun>;
  claim(worker: string, run: number, kind: TaskKind, number: number, delivery?: number): Promise<ClaimedTask>;
  close(): Promise<void>;
}

/** A migrated ledger that knows the index `books`. */
export async function testLedger(name: string): Promise<TestLedger> {
  const database = await freshDatabase(`ledger_${name}`);
  const ledger = openLedger({ url: database.url, maxConnections: 10 });
  await migrateLedger(ledger);
  await applyConfiguration(ledger, configuration('one'));
  return {
    ledger,
    database,
    async worker(leaseMs = 3_600_000) {
      const worker = randomUUID();
      await renewLease(ledger, { worker, name: 'test', host: 'here', pid: 1, app: 'worker', version: '0' }, leaseMs);
      return worker;
    },
    openRun: (slot = null) =>
      openRun(ledger, {
        index: 'books',
        lane: 'rebuild',
        shard: -1,
        definition: 1,
        trigger: slot === null ? 'manual' : 'schedule',
        actor: 'test',
        slot,
        place: 'rebuild',
        shards: [WHOLE_INDEX],
        options: NO_OPTIONS,
        nonce: randomBytes(6).toString('hex'),
      }),
    async claim(worker, run, kind, number, delivery = 1) {
      const claim = await claimTask(ledger, { run, kind, number, delivery }, { worker, definition: 1 });
      if (claim.kind !== 'claimed') throw new Error(`Claim of ${kind} ${number} was ${claim.kind}: ${claim.reason}`);
      return claim.task;
    },
    async close() {
      await ledger.close();
      await database.drop();
    },
  };
}

export function configuration(fingerprint: string, force = false) {
  return {
    fingerprint: `configuration ${fingerprint}`,
    appliedBy: 'test',
    indexes: [{ name: 'books', fingerprint, revision: null, definition: {} }],
    force,
  };
}

/** Plans a run into slices at these bounds, and gives back its plan task. */
export async function planned(
  t: TestLedger,
  worker: string,
  bounds: readonly string[],
): Promise<{ run: number; plan: ClaimedTask }> {
  const { addSlices, completePlan } = await import('@reindeer/ledger');
  const opened = await t.openRun();
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  const plan = await t.claim(worker, opened.run, 'plan', 0);
  await createGeneration(t.ledger, plan, 1);
  const all = [...bounds, null];
  await addSlices(
    t.ledger,
    plan,
    all.map((upTo, at) => ({
      number: at + 1,
      shard: 0,
      after: at === 0 ? null : [bounds[at - 1] as string],
      upTo: upTo === null ? null : [upTo],
      estimate: 10,
    })),
  );
  await completePlan(t.ledger, plan);
  return { run: opened.run, plan };
}

export const tally = (read: number, more: Partial<Tally> = {}): Tally => ({
  ...EMPTY_TALLY,
  read,
  written: read,
  ...more,
});
