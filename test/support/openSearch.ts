import { inject } from 'vitest';
import type { OpenSearchMajor } from './startOpenSearch.ts';

/**
 * Where the run's OpenSearch of this major version is; started now, if no suite has asked before. null: none to be had;
 * the run says so at its end. Awaited at the top of a test file, so that `describe.skipIf` can tell.
 */
export async function openSearchUrl(major: OpenSearchMajor): Promise<string | null> {
  const answer = await fetch(`${inject('lazyServersUrl')}/${major}`);
  const { url, error } = (await answer.json()) as { url: string | null; error?: string };
  if (error !== undefined) throw new Error(error);
  return url;
}
