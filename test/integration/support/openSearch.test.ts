import { expect, it } from 'vitest';
import { openSearchUrl } from '../../support/openSearch.ts';
import { OPEN_SEARCH } from '../../support/startOpenSearch.ts';

it.each([2, 3] as const)(
  'finds OpenSearch %i once for all who ask, or says that there is none',
  async (major) => {
    const [url, again] = await Promise.all([openSearchUrl(major), openSearchUrl(major)]);
    expect(again).toBe(url);
    if (url === null) return;
    const answer = (await (await fetch(url)).json()) as { version: { number: string } };
    expect(answer.version.number.split('.')[0]).toBe(OPEN_SEARCH[major].version.split('.')[0]);
  },
  180_000,
);
