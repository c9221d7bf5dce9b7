/** A server of the run's own, or one that the environment named. */
export interface TestServer {
  readonly url: string;
  /** Where it came from, for the line that says so. */
  readonly origin: string;
  stop(): Promise<void>;
}
