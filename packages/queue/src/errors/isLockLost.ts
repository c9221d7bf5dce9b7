import { ErrorCode } from 'bullmq';

const LOST: readonly unknown[] = [
  ErrorCode.JobNotExist,
  ErrorCode.JobLockNotExist,
  ErrorCode.JobNotInState,
  ErrorCode.JobLockMismatch,
];

/** True for what BullMQ says when another worker, or nobody, has the job by now. That is no fault here: the ledger decides (I1). */
export function isLockLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && LOST.includes(error.code)) ||
    /could not renew lock|Missing lock|Lock mismatch/i.test(error.message)
  );
}
