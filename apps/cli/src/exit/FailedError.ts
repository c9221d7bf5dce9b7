/** What was asked for was done and did not succeed: a run that failed, a server that ended. No fault of this program. */
export class FailedError extends Error {
  readonly reason: string | null;
  constructor(message: string, reason: string | null = null) {
    super(message);
    this.name = 'FailedError';
    this.reason = reason;
  }
}
