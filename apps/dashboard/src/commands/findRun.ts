import type { RunView } from '@reindeer/core';
import { type Ledger, readRun } from '@reindeer/ledger';
import { NotFound } from '../api/NotFound.ts';

/** @throws NotFound when the ledger has no such run. */
export async function findRun(ledger: Ledger, run: number): Promise<RunView> {
  const view = await readRun(ledger, run);
  if (view === null) throw new NotFound('no-such-run', `There is no run ${run}: it never was, or was pruned.`);
  return view;
}
