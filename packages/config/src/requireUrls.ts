import { InputError } from '@reindeer/core';
import type { ResolvedConfig } from './resolved.ts';

/**
 * The urls that an app cannot do without. Only `reindeer dev` and `reindeer demo` start servers for what has none.
 * @throws InputError `url-missing`, naming the place.
 */
export function requireUrls(config: ResolvedConfig): { readonly ledgerUrl: string; readonly queueUrl: string } {
  return { ledgerUrl: required('ledger.url', config.ledger.url), queueUrl: required('queue.url', config.queue.url) };
}

function required(path: string, url: string | null): string {
  if (url !== null) return url;
  throw new InputError(
    'url-missing',
    `${path}: there is none. Set it, or use \`reindeer dev\`, which starts a server of its own.`,
  );
}
