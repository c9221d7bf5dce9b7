/** Calls `bark` once when `progress()` was not called for `timeoutMs`. */
export class Watchdog {
  #at = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs: number, bark: () => void) {
    this.#timer = setInterval(
      () => {
        if (performance.now() - this.#at < timeoutMs) return;
        this.stop();
        bark();
      },
      Math.max(50, timeoutMs / 20),
    );
    this.#timer.unref();
  }

  progress(): void {
    this.#at = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
