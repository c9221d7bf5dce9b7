import type { DifferenceRow } from '@reindeer/ledger';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';

/** Examples of what a refresh or verify found. */
export function differenceLines(examples: readonly DifferenceRow[], colors: Colors): readonly string[] {
  if (examples.length === 0) return [];
  return renderTable(
    [{ title: 'difference' }, { title: 'document' }, { title: 'how' }],
    examples.map(({ kind, document, detail }) => [kind, document, detail]),
    colors.dim,
  );
}
