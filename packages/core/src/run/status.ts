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

/** A run that holds its places (I5). A paused run does. */
export function isOpen(status: RunStatus): boolean {
  return status !== 'cancelled' && status !== 'failed' && status !== 'completed';
}
