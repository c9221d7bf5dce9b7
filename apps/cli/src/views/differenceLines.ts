import type { DifferenceRow } from '@reindeer/ledger';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';

/** Examples of what a refresh or verify found, at most `limit` of each kind. */
export function differenceLines(examples: readonly DifferenceRow[], limit: number, colors: Colors): readonly string[] {
  if (examples.length === 0) return [];
  const shown = examples.filter(
    ({ kind }, at) => examples.slice(0, at).filter((before) => before.kind === kind).length < limit,
  );
  return renderTable(
    [{ title: 'difference' }, { title: 'document' }, { title: 'how' }],
    shown.map(({ kind, document, detail }) => [kind, document, detail]),
    colors.dim,
  );
}
