import type { LogFinding } from '@reindeer/connectors';

/** What an installation did, a line for the log, for each table, and for the grants; empty when there was nothing to do. */
export function installedLines(found: readonly LogFinding[]): readonly string[] {
  const parts = Map.groupBy(found, ({ kind, table }) => {
    if (kind === 'grant-missing') return 'grants';
    return table === null ? 'log' : `${table.schema}.${table.name}`;
  });
  return [...parts].map(([part, findings]) => `${part}: ${didText(part, findings)}`);
}

function didText(part: string, findings: readonly LogFinding[]): string {
  const kinds = new Set(findings.map(({ kind }) => kind));
  if (part === 'grants') return [...new Set(findings.flatMap(({ remedy }) => remedy))].join(' ');
  if (kinds.has('log-missing')) return 'created';
  if (kinds.has('log-restored')) return 'emptied, because it came with a dump or a copy of another database';
  if (kinds.has('table-missing')) return 'triggers installed, its changes are logged from now on';
  const why = findings.map(({ message }) => message).join(' ');
  return `triggers installed anew; what changed while they were not as they must be owes a refresh. ${why}`;
}
