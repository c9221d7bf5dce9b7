import { describe, type TestAPI, test } from 'vitest';
import { SINKS, searchUrl } from '../inPlace/fixture.ts';
import { type FeedFixture, feedFixture } from './fixture.ts';

/** A suite for each kind of sink: every test has an index of its own, with 60 books in three shards, and its feed. */
export function describeFeed(title: string, tests: (it: TestAPI<{ f: FeedFixture }>) => void): void {
  describe.each(SINKS)(`${title} into %s`, (sink) => {
    describe.skipIf(sink === 'opensearch' && searchUrl === null)('with a server', () => {
      tests(
        test.extend<{ f: FeedFixture }>({
          f: async ({ onTestFinished }, use) => {
            const f = await feedFixture(sink, { shards: 3 });
            onTestFinished(() => f.close());
            await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 60) n`);
            await use(f);
          },
        }),
      );
    });
  });
}
