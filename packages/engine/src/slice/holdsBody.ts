import type { SourceDocument } from '@reindeer/connectors';
import { sameJson, type Transform } from '@reindeer/core';
import { prepare } from '../transform/prepare.ts';

export const OTHER_BODY = 'its body is not what its row says';

/** Whether a body says what the row's transform says now. Of a row that it refuses or leaves out, none does. */
export async function holdsBody(
  document: SourceDocument,
  body: string | null,
  { transform }: { readonly transform: Transform | null },
): Promise<boolean> {
  const prepared = await prepare(document, { ticket: 0, shard: 0 }, transform);
  return prepared.kind === 'index' && body !== null && sameJson(prepared.operation.body, body);
}
