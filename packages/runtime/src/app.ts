/** A long-lived part of a process: made by a `start…` function, which resolves when it works. */
export interface App {
  /** Takes nothing new, ends what is under way, gives back what it holds. Repeating it waits for the same end. */
  stop(reason: string): Promise<void>;
  /** Resolves when it has ended; rejects when it ended by itself because of an error. */
  readonly done: Promise<void>;
}
