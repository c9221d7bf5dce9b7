import type { SearchServer } from '../opensearch/server.ts';
import type { DigestEntry, GenerationRef, ShardSelection } from '../sink.ts';
import { askOf, refresh } from './generation.ts';
import { stampedIn } from './selection.ts';
import { BUCKET_BITS, STAMP, STRANGE } from './stamp.ts';

/** Prefixes a request, for each of which all documents are gone through; the server's limit is 65,536. */
const PAGE = 16_384;

interface DigestAnswer {
  readonly aggregations?: {
    readonly prefixes: {
      readonly after_key?: object;
      readonly buckets: readonly {
        readonly key: { readonly from: number };
        readonly doc_count: number;
        readonly f1: { readonly value: number };
        readonly f2: { readonly value: number };
      }[];
    };
  };
}

/**
 * Sums per bucket prefix, without a script: a prefix is an interval of a histogram. The engine adds in doubles, which is
 * exact below 2^53, as for 2^20 documents. Strangers are in no interval, and count in the first.
 */
export async function digest(
  server: SearchServer,
  generation: GenerationRef,
  shard: ShardSelection,
  bits: number,
  signal: AbortSignal,
): Promise<readonly DigestEntry[]> {
  await refresh(server, generation, signal);
  const interval = 2 ** (BUCKET_BITS - bits);
  const entries = new Map<number, DigestEntry>();
  const strangers = (shard.shard ?? 0) === 0 ? await countStrangers(server, generation, signal) : 0;
  if (strangers > 0) entries.set(0, { prefix: 0, count: strangers, f1: 0, f2: 0 });
  let after: object | undefined;
  do {
    const { aggregations } = await askOf<DigestAnswer>(server, generation, {
      method: 'POST',
      action: '_search',
      query: { allow_partial_search_results: false },
      body: digestBody(shard, interval, after),
      timeoutMs: 300_000,
      signal,
    });
    const prefixes = aggregations?.prefixes;
    for (const { key, doc_count, f1, f2 } of prefixes?.buckets ?? []) {
      const prefix = Math.round(key.from / interval);
      const count = doc_count + (entries.get(prefix)?.count ?? 0);
      entries.set(prefix, { prefix, count, f1: f1.value, f2: f2.value });
    }
    after = prefixes?.after_key;
  } while (after !== undefined);
  return [...entries.values()].toSorted((a, b) => a.prefix - b.prefix);
}

function digestBody(shard: ShardSelection, interval: number, after: object | undefined): object {
  return {
    size: 0,
    track_total_hits: false,
    query: stampedIn(shard),
    aggs: {
      prefixes: {
        composite: {
          size: PAGE,
          sources: [{ from: { histogram: { field: `${STAMP}.b`, interval } } }],
          ...(after === undefined ? {} : { after }),
        },
        aggs: { f1: { sum: { field: `${STAMP}.f1` } }, f2: { sum: { field: `${STAMP}.f2` } } },
      },
    },
  };
}

async function countStrangers(server: SearchServer, generation: GenerationRef, signal: AbortSignal): Promise<number> {
  const body = { query: STRANGE };
  const { count } = await askOf<{ count: number }>(server, generation, {
    method: 'POST',
    action: '_count',
    body,
    signal,
  });
  return count;
}
