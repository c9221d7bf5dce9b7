import type { ServerFault } from '../opensearch/responseError.ts';

const LONGEST = 240;

/**
 * Why the server refused a document, without what the document holds: it quotes values in several ways, so that only
 * forms that are known to name fields and types are passed on as they are.
 */
export function refusalDetail({ type, reason, caused_by }: ServerFault): string {
  const told = KNOWN.map((form) => form.exec(reason)?.[0]).find((found) => found !== undefined);
  const cause = caused_by === undefined ? '' : ` (${caused_by.type})`;
  return `${type}: ${(told ?? withoutValues(reason)).slice(0, LONGEST)}${cause}`;
}

const KNOWN = [
  /^failed to parse field \[[^\]]*\] of type \[[^\]]*\]/,
  /^mapping set to strict, dynamic introduction of \[[^\]]*\] within \[[^\]]*\] is not allowed/,
  /^Document contains at least one immense term in field="[^"]*"/,
  /^object mapping for \[[^\]]*\] tried to parse field \[[^\]]*\] as object/,
  /^mapper \[[^\]]*\] cannot be changed from type \[[^\]]*\] to \[[^\]]*\]/,
  /^Limit of total fields \[\d+\] has been exceeded/,
  /^Limit of mapping depth \[\d+\] has been exceeded/,
];

function withoutValues(reason: string): string {
  return reason
    .replace(/Preview of field's value:.*$/s, '')
    .replaceAll(/'[^']*'|"[^"]*"|\[[^\]]*\]/g, '…')
    .replace(/['"[].*$/s, '…')
    .trim();
}
