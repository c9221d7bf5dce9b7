/** What the address names does not exist. */
export class NotFound extends Error {
  /** Stable: `no-such-run`, `no-such-index`. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'NotFound';
    this.code = code;
  }
}
