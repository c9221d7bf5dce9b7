/**
 * What stays of finished jobs, per queue: the last 1,000 of a day, so that people can see in Bull Board what happened.
 * The ledger keeps the history that counts. Attempts are the ledger's too, hence 1.
 */
export const JOB_OPTIONS = {
  attempts: 1,
  removeOnComplete: { age: 86_400, count: 1_000 },
  removeOnFail: { age: 86_400, count: 1_000 },
  keepLogs: 500,
} as const;
