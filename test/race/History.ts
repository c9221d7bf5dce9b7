/** What the documents' text was; null: there is no document of this key. */
export type Text = string | null;

interface Version {
  readonly text: Text;
  /** By when another was there for certain; infinite: it may be what is there now. */
  until: number;
  committing: boolean;
}

/** Which texts each key had, and until when: what a generation may hold of it at some moment. Times are ms since 1970. */
export class History {
  readonly #versions = new Map<string, Version[]>();

  constructor(rows: ReadonlyMap<string, Text>) {
    for (const [key, text] of rows) this.#versions.set(key, [{ text, until: Infinity, committing: false }]);
  }

  get keys(): readonly string[] {
    return [...this.#versions.keys()];
  }

  /** What was committed last; null where there was nothing, or is none. */
  newest(key: string): Text {
    return this.#of(key).findLast(({ until, committing }) => until === Infinity && !committing)?.text ?? null;
  }

  /** A transaction is about to commit these texts; call what this gives when it is known whether it did. */
  commits(changes: ReadonlyMap<string, Text>): (done: boolean) => void {
    const begun = [...changes].map(([key, text]) => {
      const version: Version = { text, until: Infinity, committing: true };
      this.#of(key).push(version);
      return { key, version };
    });
    return (done) => {
      const now = Date.now();
      for (const { key, version } of begun) {
        version.committing = false;
        if (!done) version.until = 0;
        else
          for (const other of this.#of(key))
            if (other !== version && !other.committing) other.until = Math.min(other.until, now);
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

  #of(key: string): Version[] {
    const there = this.#versions.get(key) ?? [{ text: null, until: Infinity, committing: false }];
    this.#versions.set(key, there);
    return there;
  }
}
