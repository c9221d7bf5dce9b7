import type { KeyKind, SourceFixture, SourceHarness, SourceRow } from './sourceHarness.ts';

/** Opens a fixture with these rows, works with it, and closes it whatever happens. */
export async function useSource(
  harness: SourceHarness,
  kinds: readonly KeyKind[],
  rows: readonly SourceRow[],
  work: (fixture: SourceFixture) => Promise<void>,
): Promise<void> {
  const fixture = await harness.open(kinds);
  try {
    if (rows.length > 0) await fixture.put(rows);
    await work(fixture);
  } finally {
    await fixture.close();
  }
}
