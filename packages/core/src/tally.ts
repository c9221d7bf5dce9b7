/** Documents by outcome, as absolute totals (I3). The names are the interface's. */
export interface Tally {
  readonly read: number;
  readonly written: number;
  readonly unchanged: number;
  readonly superseded: number;
  readonly filtered: number;
  readonly deleted: number;
  readonly failed: number;
  readonly orphans: number;
}

/** What a refresh or a verify found, and a second look confirmed. The names are the interface's. */
export interface Differences {
  /** Rows without their document. */
  readonly missing: number;
  /** Documents without a row in the index. */
  readonly extra: number;
  /** Documents that are not what their row says: older, edited in place, or overwritten. */
  readonly stale: number;
}

export type DifferenceKind = keyof Differences;

export const NO_DIFFERENCES: Differences = { missing: 0, extra: 0, stale: 0 };

export function addDifferences(a: Differences, b: Differences): Differences {
  return { missing: a.missing + b.missing, extra: a.extra + b.extra, stale: a.stale + b.stale };
}

export const EMPTY_TALLY: Tally = {
  read: 0,
  written: 0,
  unchanged: 0,
  superseded: 0,
  filtered: 0,
  deleted: 0,
  failed: 0,
  orphans: 0,
};

/** The sum of two tallies. */
export function addTally(a: Tally, b: Tally): Tally {
  return {
    read: a.read + b.read,
    written: a.written + b.written,
    unchanged: a.unchanged + b.unchanged,
    superseded: a.superseded + b.superseded,
    filtered: a.filtered + b.filtered,
    deleted: a.deleted + b.deleted,
    failed: a.failed + b.failed,
    orphans: a.orphans + b.orphans,
  };
}
