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

/** Those in which a run holds its places (I5). A paused run does: what goes on later must find its place. */
export const OPEN_STATUSES = [
  'queued',
  'running',
  'pausing',
  'paused',
  'cancelling',
] as const satisfies readonly RunStatus[];

/** Does a run of this status hold its places (I5)? */
export function isOpen(status: RunStatus): boolean {
  return (OPEN_STATUSES as readonly RunStatus[]).includes(status);
}
