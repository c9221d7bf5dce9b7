import { InputError, type RunView } from '@reindeer/core';
import { type Ledger, readRun } from '@reindeer/ledger';

/** @throws InputError `no-such-run`. */
export async function existingRun(ledger: Ledger, run: number): Promise<RunView> {
  const view = await readRun(ledger, run);
  if (view !== null) return view;
  throw new InputError(
    'no-such-run',
    `There is no run ${run}: it never was, or was pruned. \`reindeer runs\` lists them.`,
  );
}
