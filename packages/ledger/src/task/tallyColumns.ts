import { EMPTY_TALLY, type Tally } from '@reindeer/core';

/** The columns of `tasks` that count documents: they have the names of the tally's members. */
const COLUMNS = Object.keys(EMPTY_TALLY) as readonly (keyof Tally)[];

/** Selects them from the tasks named so. */
export function selectTally(tasks: string): string {
  return COLUMNS.map((column) => `${tasks}.${column}`).join(', ');
}

/** What {@link selectTally} has found; pg gives a bigint as text. */
export function readTally(row: Readonly<Record<keyof Tally, string>>): Tally {
  return Object.fromEntries(COLUMNS.map((column) => [column, Number(row[column])])) as unknown as Tally;
}

/** Sets them to absolute totals, so that the same again changes nothing (I3): `$first` and those after it are {@link tallyValues}. */
export function setTally(first: number): string {
  return COLUMNS.map((column, at) => `${column} = $${first + at}`).join(', ');
}

export function tallyValues(tally: Tally): readonly number[] {
  return COLUMNS.map((column) => tally[column]);
}
