import type { KeyRange } from '../key.ts';

/** What a person may ask of a run beside index, lane and shard. */
export interface RunOptions {
  /** Only these keys: of a refresh or verify. null: all. */
  readonly range: KeyRange | null;
  /** A refresh writes every row, whatever the sink holds. */
  readonly force: boolean;
  /** The swap of a rebuild removes an ordinary index that has the readers' name. */
  readonly adopt: boolean;
}

export const NO_OPTIONS: RunOptions = { range: null, force: false, adopt: false };
