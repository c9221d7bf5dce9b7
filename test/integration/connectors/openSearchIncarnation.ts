import { expect, it } from 'vitest';
import { useOpenSearch } from './openSearchFixture.ts';

/** Rule 15: when a primary was lost, what it acknowledged may be gone, and deletes are no longer remembered. */
export function incarnationTests(url: string): void {
  const { signal, proxy, client, open, fresh, make, put } = useOpenSearch(url);

  it.each([
    ["the cluster's state", false],
    ['statistics, where the state is not granted', true],
  ])('tells from %s that a primary failed, and that the index was closed', async (_, denied) => {
    const sink = open();
    const generation = await make(sink, fresh());
    const green = () => client('GET', `_cluster/health/${generation.name}?wait_for_status=green&timeout=120s`);
    const restore = proxy().intercept(({ path }) => {
      if (!denied || !path.startsWith('/_cluster/state')) return null;
      return { status: 403, body: '{"error":{"type":"security_exception","reason":"no permissions"},"status":403}' };
    });
    try {
      const seen = [await sink.incarnation(generation, signal)];
      await sink.write(generation, [put('a', {})], signal);
      await sink.settle(generation, signal);
      expect(await sink.incarnation(generation, signal)).toBe(seen[0]);

      const [{ node }] = await client('GET', `_cat/shards/${generation.name}?format=json&h=node`);
      const cancel = { index: generation.name, shard: 0, node, allow_primary: true };
      await client('POST', '_cluster/reroute', { commands: [{ cancel }] });
      await green();
      seen.push(await sink.incarnation(generation, signal));

      await client('POST', `${generation.name}/_close`);
      await client('POST', `${generation.name}/_open`);
      await green();
      seen.push(await sink.incarnation(generation, signal));
      await sink.write(generation, [put('b', {})], signal);
      expect(await sink.incarnation(generation, signal)).toBe(seen[2]);
      expect(new Set(seen).size).toBe(3);
    } finally {
      restore();
    }
  });
}
