export { RENEW_LEASE, renewLeaseValues, type WorkerProcess } from './worker.ts';
