/** What the documents' text was; null: there is no document of this key. */
export type Text = string | null;

interface Version {
  readonly text: Text;
  /** By when another was there for certain; infinite: it may be what is there now. */
  until: number;
  /** The place of its commit's end among the beginnings and ends of all; infinite: it is under way. */
  ended: number;
}

/** Which texts each key had, and until when: what a generation may hold of it at some moment. Times are ms since 1970. */
export class History {
  readonly #versions = new Map<string, Version[]>();
  #events = 0;

  constructor(rows: ReadonlyMap<string, Text>) {
    for (const [key, text] of rows) this.#versions.set(key, [{ text, until: Infinity, ended: 0 }]);
  }

  get keys(): readonly string[] {
    return [...this.#versions.keys()];
  }

  /** What was committed last; null where there was nothing, or is none. */
  newest(key: string): Text {
    return this.#of(key).findLast(({ until, ended }) => until === Infinity && ended !== Infinity)?.text ?? null;
  }

  /**
   * A transaction is about to commit these texts; call what this gives when it is known whether it did. Of two commits that
   * overlapped nobody knows here which was first: a server releases locks before it answers. So neither ends the other.
   */
  commits(changes: ReadonlyMap<string, Text>): (done: boolean) => void {
    const began = this.#next();
    const begun = [...changes].map(([key, text]) => {
      const version: Version = { text, until: Infinity, ended: Infinity };
      this.#of(key).push(version);
      return { key, version };
    });
    return (done) => {
      const now = Date.now();
      const ended = this.#next();
      for (const { key, version } of begun) {
        version.ended = ended;
        if (!done) version.until = 0;
        else for (const other of this.#of(key)) if (other.ended < began) other.until = Math.min(other.until, now);
      }
    };
  }

  /** Whether the key may have had this text at `since`, or later. */
  possible(key: string, text: Text, since: number): boolean {
    return this.#of(key).some((version) => version.text === text && version.until >= since);
  }

  /** Whether it has been the same since then, for certain. */
  unchanged(key: string, since: number): boolean {
    return this.#of(key).filter(({ until }) => until >= since).length === 1;
  }

  describe(key: string, since: number): string {
    return this.#of(key)
      .filter(({ until }) => until >= since)
      .map(({ text }) => text ?? 'none')
      .join(', ');
  }

  #next(): number {
    this.#events += 1;
    return this.#events;
  }

  #of(key: string): Version[] {
    const there = this.#versions.get(key) ?? [{ text: null, until: Infinity, ended: 0 }];
    this.#versions.set(key, there);
    return there;
  }
}
