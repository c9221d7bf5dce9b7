import type { KeyRange } from '../key.ts';

/** What a person may ask of a run beside index, lane and shard. */
export interface RunOptions {
  /** Only these keys: of a refresh or verify. null: all. */
  readonly range: KeyRange | null;
  /** A refresh writes every row, whatever the sink holds; a promotion by hand passes its gates. */
  readonly force: boolean;
  /** The swap of a rebuild removes an ordinary index that has the readers' name. */
  readonly adopt: boolean;
  /** A verify transforms every row again and compares the bodies. */
  readonly deep: boolean;
  /** The generation to work on where it is not the live one: of an owed refresh, or of a promotion by hand. */
  readonly generation: number | null;
  /** Why a person forced it. */
  readonly note: string | null;
}

export const NO_OPTIONS: RunOptions = {
  range: null,
  force: false,
  adopt: false,
  deep: false,
  generation: null,
  note: null,
};
