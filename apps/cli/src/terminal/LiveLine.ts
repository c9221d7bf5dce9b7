import type { Terminal } from './terminal.ts';

/** How often a log gets a line where nothing can be written over. */
const LOG_INTERVAL_MS = 3_000;

/** One line that changes in place on a terminal; elsewhere a plain line now and then. */
export class LiveLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #shown = false;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #logged = '';

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** `text` for a terminal, `plain` for a log; equal plain lines are written once. */
  show(text: string, plain: string): void {
    if (this.#terminal.live) {
      this.#terminal.raw(`${this.#shown ? '\r' : '\u001b[?25l'}${text}\u001b[K`);
      this.#shown = true;
      return;
    }
    const now = this.#now();
    if (plain === this.#logged || now - this.#loggedAt < LOG_INTERVAL_MS) return;
    this.#loggedAt = now;
    this.#logged = plain;
    this.#terminal.note(plain);
  }

  /** Takes the line away and gives the cursor back; what is written next stands in its place. */
  clear(): void {
    if (!this.#shown) return;
    this.#terminal.raw('\r\u001b[K\u001b[?25h');
    this.#shown = false;
  }
}
