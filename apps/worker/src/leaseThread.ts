import { parentPort, workerData } from 'node:worker_threads';
import { RENEW_LEASE, renewLeaseValues, type WorkerProcess } from '@reindeer/ledger/lease';
import { Client } from 'pg';

/** Given to the thread by `startLease`. */
export interface LeaseThreadData {
  readonly url: string;
  readonly options: string;
  readonly process: WorkerProcess;
  readonly leaseMs: number;
  readonly renewMs: number;
  /** The main thread counts up in `beats`; older than this, it hangs, and the lease is left to end. */
  readonly hangMs: number;
  readonly beats: SharedArrayBuffer;
}

const data = workerData as LeaseThreadData;
const beats = new Int32Array(data.beats);
let lastBeat = -1;
let beatAt = performance.now();
let client: Client | null = null;

async function connected(): Promise<Client> {
  if (client !== null) return client;
  const fresh = new Client({
    connectionString: data.url,
    application_name: 'reindeer-worker:lease',
    connectionTimeoutMillis: data.renewMs,
    query_timeout: data.renewMs,
    options: data.options,
  });
  fresh.on('error', () => {
    if (client === fresh) client = null;
  });
  await fresh.connect();
  client = fresh;
  return fresh;
}

async function renew(): Promise<void> {
  const beat = Atomics.load(beats, 0);
  if (beat !== lastBeat) {
    lastBeat = beat;
    beatAt = performance.now();
  }
  if (performance.now() - beatAt > data.hangMs) {
    parentPort?.postMessage({ kind: 'hanging' });
    return;
  }
  try {
    const on = await connected();
    await on.query(RENEW_LEASE, renewLeaseValues(data.process, data.leaseMs));
    parentPort?.postMessage({ kind: 'renewed' });
  } catch (error) {
    const broken = client;
    client = null;
    await broken?.end().catch(() => {});
    parentPort?.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

const timer = setInterval(() => void renew(), data.renewMs);
parentPort?.on('message', () => {
  clearInterval(timer);
  void (client?.end() ?? Promise.resolve()).catch(() => {}).finally(() => parentPort?.close());
});
void renew();
