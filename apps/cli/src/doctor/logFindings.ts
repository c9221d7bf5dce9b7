import type { LogFinding } from '@reindeer/connectors';
import { logRemedy } from '../source/logRemedy.ts';
import { plural } from '../terminal/format.ts';
import type { Diagnosis } from './diagnosis.ts';

/** What is wrong with the installation of a log: one for each table, one for the log, one for grants. */
export function logFindings(index: string, connection: string, found: readonly LogFinding[]): readonly Diagnosis[] {
  const groups = Map.groupBy(found, ({ kind, table }) =>
    kind === 'grant-missing' ? 'grants' : table === null ? 'log' : `${table.schema}.${table.name}`,
  );
  // A log that is not there has no table of its own either.
  const isMissing = found.some(({ kind }) => kind === 'log-missing');
  return [...groups].flatMap(([part, findings]) => {
    const [first] = findings;
    if (first === undefined || (isMissing && part !== 'log')) return [];
    const more = findings.length === 1 ? '' : ` (and ${plural(findings.length - 1, 'more finding')} about it)`;
    const means =
      part === 'grants'
        ? 'What needs it stands meanwhile: following, or pruning the log.'
        : 'What changes meanwhile is not logged, and owes a refresh.';
    return {
      severity: 'critical',
      index,
      code: first.kind,
      message: `${first.message}${more} ${means}`,
      since: null,
      remedy: [...new Set(findings.flatMap((finding) => logRemedy(finding, connection)))].join('\n') || null,
    } as const;
  });
}
