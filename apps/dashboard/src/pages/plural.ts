import { formatCount } from '@reindeer/core';

/** `1 shard`, `8 shards`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
