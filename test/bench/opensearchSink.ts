import { createHash } from 'node:crypto';
import type { Operation } from '@reindeer/core';
import { openSearchServer } from '../../packages/connectors/src/opensearch/server.ts';
import { openOpenSearchSink } from '../../packages/connectors/src/opensearch-sink/index.ts';

// Documents a second of the adapter alone, beside the plainest loop that sends the same documents in the same batches:
//   OPENSEARCH_URL=http://127.0.0.1:9200 node test/bench/opensearchSink.ts [documents] [batch] [rounds]
const [documents = 100_000, batch = 2_000, rounds = 5] = process.argv.slice(2).map(Number);
const url = process.env.OPENSEARCH_URL ?? 'http://127.0.0.1:9200';
const IN_FLIGHT = 3;

const signal = AbortSignal.timeout(600_000);
const mappings = { dynamic: false, properties: { name: { type: 'text' }, population: { type: 'integer' } } };
const settings = { number_of_replicas: 0 };

const operations = Array.from({ length: documents }, (_, at): Operation => {
  const body = JSON.stringify({
    id: at,
    name: `Town ${at} of the north`,
    country: 'NO',
    population: at * 7,
    note: 'x'.repeat(150),
  });
  const bucket = Number.parseInt(createHash('md5').update(`${at}`).digest('hex').slice(0, 5), 16);
  return { kind: 'index', id: `${at}`, ticket: 1_000, shard: at % 8, bucket, body, f1: at, f2: at };
});
const batches = Array.from({ length: Math.ceil(documents / batch) }, (_, at) =>
  operations.slice(at * batch, (at + 1) * batch),
);

async function inFlight(send: (batch: readonly Operation[]) => Promise<void>): Promise<number> {
  const began = performance.now();
  const waiting = batches.values();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (const one of waiting) await send(one);
    }),
  );
  return (documents / (performance.now() - began)) * 1_000;
}

async function adapter(): Promise<number> {
  const connection = { name: 'bench', kind: 'opensearch', url } as const;
  const server = openSearchServer({ connection, maxConnections: IN_FLIGHT });
  const sink = openOpenSearchSink({ server, definition: { connection: 'bench', mappings, settings } });
  const metadata = { index: 'bench', name: 'bench_g1_bench', nonce: 'bench', number: 1, definition: 1, ticketBound: 1 };
  const generation = await sink.createGeneration(metadata, signal);
  try {
    return await inFlight(async (one) => {
      const outcomes = await sink.write(generation, one, signal);
      if (outcomes.some(({ kind }) => kind !== 'written')) throw new Error('Not all were written.');
    });
  } finally {
    await sink.drop(generation, signal);
    await sink.close();
  }
}

async function plain(): Promise<number> {
  const ask = async (method: string, path: string, body: string) => {
    const answer = await fetch(`${url}/${path}`, {
      method,
      body,
      headers: { 'content-type': 'application/json' },
      signal,
    });
    return (await answer.json()) as { errors?: boolean };
  };
  await ask('PUT', 'bench_plain', JSON.stringify({ mappings, settings: { ...settings, refresh_interval: '-1' } }));
  try {
    return await inFlight(async (one) => {
      const lines = one.map((operation) => {
        const body = operation.kind === 'index' ? operation.body : '';
        return `{"index":{"_id":"${operation.id}"}}\n${body}\n`;
      });
      const { errors } = await ask('POST', 'bench_plain/_bulk', lines.join(''));
      if (errors !== false) throw new Error('Not all were written.');
    });
  } finally {
    await fetch(`${url}/bench_plain`, { method: 'DELETE' });
  }
}

const rates: { plain: number; adapter: number }[] = [];
// In turn, so that the machine's moods meet both; the first round warms up.
for (let round = 0; round <= rounds; round += 1) {
  const one = { plain: await plain(), adapter: await adapter() };
  if (round > 0) rates.push(one);
}
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const result = {
  documents,
  batch,
  inFlight: IN_FLIGHT,
  plainPerSecond: Math.round(median(rates.map((rate) => rate.plain))),
  adapterPerSecond: Math.round(median(rates.map((rate) => rate.adapter))),
  ratio: Number(median(rates.map((rate) => rate.adapter / rate.plain)).toFixed(3)),
};
console.log(JSON.stringify(result));
