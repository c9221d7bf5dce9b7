import type { IndexDefinition } from '@reindeer/core';
import type { OpenIndexes } from './openIndexes.ts';

/** A cheap question to one end of a connection: it resolves when the server answers. */
export interface ConnectionProbe {
  /** `source shop`, `sink search`. */
  readonly name: string;
  readonly probe: () => Promise<unknown>;
}

/** Longer than anybody waits who asks; so that no question stays behind on a server that never answers. */
const LIMIT_MS = 10_000;

/** One for each connection and end that the indexes use, however many use it. */
export function connectionProbes(
  definitions: Readonly<Record<string, IndexDefinition>>,
  indexes: Pick<OpenIndexes, 'open'>,
  ends: readonly ('source' | 'sink')[],
): readonly ConnectionProbe[] {
  const probes = new Map<string, ConnectionProbe>();
  for (const { name: index, source, sink } of Object.values(definitions)) {
    for (const end of ends) {
      const name = `${end} ${end === 'source' ? source.connection : sink.connection}`;
      if (!probes.has(name)) probes.set(name, { name, probe: () => ask(index, end, indexes) });
    }
  }
  return [...probes.values()];
}

async function ask(index: string, end: 'source' | 'sink', indexes: Pick<OpenIndexes, 'open'>): Promise<unknown> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const opened = await indexes.open(index);
  return end === 'source' ? opened.source.position(signal) : opened.sink.live(index, signal);
}
