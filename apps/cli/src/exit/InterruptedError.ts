/** A person pressed Ctrl-C; the message says what goes on without them, if anything. */
export class InterruptedError extends Error {
  constructor(message = 'Interrupted.') {
    super(message);
    this.name = 'InterruptedError';
  }
}
