import type { ChangesCheck } from '@reindeer/connectors';
import { logRemedy } from '../source/logRemedy.ts';
import type { Finding } from './finding.ts';

/** What `check` says of how the changes of an index are found. */
export function changesFindings(
  index: string,
  connection: string,
  { how, warnings, findings }: ChangesCheck,
): readonly Finding[] {
  const place = `indexes.${index}.source.changes`;
  const said = warnings.map((text): Finding => ({ kind: 'warning', place, text, code: null }));
  if (findings.length === 0) return [{ kind: 'works', place, text: `changes are found ${how}`, code: null }, ...said];
  const wrong = findings.map(
    (finding): Finding => ({
      kind: 'wrong',
      place,
      text: [finding.message, ...logRemedy(finding, connection)].join(' '),
      code: finding.kind,
    }),
  );
  return [...wrong, ...said];
}
