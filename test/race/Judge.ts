import { setTimeout as wait } from 'node:timers/promises';
import { type Deployment, type Found, type Row, shelfOf } from './Deployment.ts';
import { History } from './History.ts';

/** Between two looks at what the feed keeps current. */
const WATCH_MS = 120;

/** Compares what generations hold with what the tables held, by when each must have it. */
export class Judge {
  /** What the writers of the round did to rows, and to labels. */
  readonly history: History;
  readonly labels: History;
  readonly #deployment: Deployment;
  readonly #isWrong: (what: string) => void;

  private constructor(deployment: Deployment, history: History, labels: History, isWrong: (what: string) => void) {
    this.#deployment = deployment;
    this.history = history;
    this.labels = labels;
    this.#isWrong = isWrong;
  }

  /** Before anybody writes. @param isWrong is told what is wrong, in words */
  static async open(deployment: Deployment, isWrong: (what: string) => void): Promise<Judge> {
    const rows = [...(await deployment.rows())];
    const history = new History(new Map(rows.map(([key, { text }]) => [key, text])));
    return new Judge(deployment, history, new History(await deployment.labels()), isWrong);
  }

  /**
   * What has just become live holds of each key a text that it had when the last pass began that its gate must have known
   * of, or later: no later change is promised, no older text is right, and what a TRUNCATE removed by then is gone
   * (rules 9, 10).
   */
  async checkPromotion(name: string): Promise<void> {
    const [row] = await this.#deployment.sql<{ definition: number; since: number }>(
      `select g.definition, (extract(epoch from i.since) * 1000)::float8 as since
         from generations g join race_intents i on i.generation = g.generation where g.name = $1
        order by i.run desc limit 1`,
      [name],
    );
    if (row === undefined) return this.#isWrong(`${name} became live, and no gate had let it go`);
    await this.#checkSince(name, row.definition, row.since, `when ${name} became live`);
  }

  /** All along, the same holds of whatever the feed keeps current, unless a refresh is owed. */
  async watch(isOver: () => boolean): Promise<void> {
    const deployment = this.#deployment;
    const pauseMs = deployment.sink === 'postgres' ? WATCH_MS : 4 * WATCH_MS;
    for (; !isOver(); await wait(pauseMs)) {
      const current = await deployment.sql<{ name: string; definition: number; passed: number }>(
        `select g.name, g.definition, (extract(epoch from c.passed_at) * 1000)::float8 as passed
           from generations g join consumers c on c.generation = g.generation and c.log = 'source'
          where g.state in ('live', 'retained') and g.stale_reason is null and c.joined_at is not null
            and c.invalid_at is null and c.passed_at is not null
            and not exists (select from owed_refreshes o where o.generation = g.generation and o.discharged_at is null)`,
      );
      for (const { name, definition, passed } of current) {
        // It may have been dropped meanwhile.
        await this.#checkSince(name, definition, passed, `after a pass into ${name}`).catch(() => {});
      }
    }
  }

  async #checkSince(name: string, definition: number, since: number, when: string): Promise<void> {
    const documents = await this.#deployment.documents(name, this.history.keys);
    let rows: ReadonlyMap<string, Row> | null = null;
    for (const key of new Set([...this.history.keys, ...documents.keys()])) {
      const found = documents.get(key);
      if (!this.#possible(key, found, since)) {
        rows ??= await this.#deployment.rows();
        if (wordsOf(found) !== wordsOf(rows.get(key)))
          this.#isWrong(
            `${when}, ${key} was ${wordsOf(found)} there, and had been ${this.history.describe(key, since)} in the source since the pass${this.#shelfSince(found, since)}`,
          );
      }
      if (found !== undefined && found.definition < definition)
        this.#isWrong(`${when}, ${key} was there by definition ${found.definition}, not ${definition}`);
    }
  }

  /**
   * Whether the rows that a document is made of may have been so at `since` or later; each by itself. Which documents a
   * shelf is a part of is asked after that: one whose own row has changed may be found no more, and has the next pass.
   */
  #possible(key: string, found: Found | undefined, since: number): boolean {
    if (!this.history.possible(key, found?.text ?? null, since)) return false;
    if (found === undefined || this.#deployment.shelves === null || !this.history.unchanged(key, since)) return true;
    return this.labels.possible(shelfOf(found.text), found.label, since);
  }

  #shelfSince(found: Found | undefined, since: number): string {
    if (found === undefined || this.#deployment.shelves === null) return '';
    return `; its shelf was ${this.labels.describe(shelfOf(found.text), since)}`;
  }

  /** Every generation that is kept current holds what the newest definition says of the table's rows. */
  async checkRest(): Promise<void> {
    const deployment = this.#deployment;
    const generations = await deployment.sql<{ name: string; state: string; definition: number; stale: string | null }>(
      `select name, state, definition, stale_reason as stale from generations where state in ('live', 'retained') order by generation`,
    );
    const sink = deployment.connections.sink(deployment.definition);
    const live = await sink.live(deployment.name, new AbortController().signal);
    const known = generations.find(({ state }) => state === 'live');
    if (live?.generation.name !== known?.name)
      this.#isWrong(`at rest, ${live?.generation.name} is live, and the ledger says ${known?.name}`);
    const rows = await deployment.rows();
    for (const { name, state, definition, stale } of generations) {
      if (stale !== null) {
        this.#isWrong(`at rest, ${name} (${state}) is not kept current: ${stale}`);
        continue;
      }
      const documents = await deployment.documents(name);
      for (const key of new Set([...rows.keys(), ...documents.keys()])) {
        const found = documents.get(key);
        const [is, should] = [wordsOf(found), wordsOf(rows.get(key))];
        if (is !== should) this.#isWrong(`at rest, ${name} (${state}) has ${key}=${is}, and the source ${should}`);
        if (found !== undefined && found.definition < definition)
          this.#isWrong(`at rest, ${name} (${state}) has ${key} by definition ${found.definition}, not ${definition}`);
      }
    }
  }
}

function wordsOf(row: Row | undefined): string {
  if (row === undefined || row.text === null) return 'none';
  return row.label === null ? row.text : `${row.text} (${row.label})`;
}
