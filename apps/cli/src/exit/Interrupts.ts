/** npm and npx pass on what the terminal has sent to the whole group already: within this time it is one Ctrl-C. */
const SAME_MS = 500;

/** Ctrl-C and SIGTERM, once: `signal` is aborted by the first; the second, meant as such, calls `onSecond`. */
export class Interrupts implements Disposable {
  readonly #abort = new AbortController();
  readonly #handler: (signal: NodeJS.Signals) => void;
  #at = 0;
  /** Which one came first; null while none has. */
  first: NodeJS.Signals | null = null;

  constructor(onSecond: () => void = () => {}) {
    this.#handler = (signal) => {
      if (this.first === null) {
        this.first = signal;
        this.#at = performance.now();
        this.#abort.abort(signal);
      } else if (performance.now() - this.#at > SAME_MS) onSecond();
    };
    process.on('SIGINT', this.#handler);
    process.on('SIGTERM', this.#handler);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#handler);
    process.off('SIGTERM', this.#handler);
  }
}
