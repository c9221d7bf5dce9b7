export const RUN_STATUSES = [
  'queued',
  'running',
  'pausing',
  'paused',
  'cancelling',
  'cancelled',
  'failed',
  'completed',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
