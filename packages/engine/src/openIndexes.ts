import type { Sink, Source } from '@reindeer/connectors';
import { type IndexDefinition, InputError } from '@reindeer/core';
import type { OpenIndex } from './context.ts';

/** Opens the ends of an index. They connect on first use. */
export interface Openers {
  source(definition: IndexDefinition): Source;
  sink(definition: IndexDefinition): Sink;
  /** Called once, when what was opened is closed. */
  close(): Promise<void>;
}

/** The indexes of a configuration, each opened once per process, when it is first needed. */
export interface OpenIndexes {
  /** @throws InputError `not-in-configuration`. */
  open(index: string): Promise<OpenIndex>;
  close(): Promise<void>;
}

export function openIndexes(definitions: Readonly<Record<string, IndexDefinition>>, openers: Openers): OpenIndexes {
  const opened = new Map<string, OpenIndex>();
  return {
    async open(name) {
      const there = opened.get(name);
      if (there !== undefined) return there;
      const definition = definitions[name];
      if (definition === undefined) {
        throw new InputError(
          'not-in-configuration',
          `The configuration has no index "${name}"; it has ${Object.keys(definitions).join(', ') || 'none'}.`,
        );
      }
      const index = { definition, source: openers.source(definition), sink: openers.sink(definition) };
      opened.set(name, index);
      return index;
    },
    async close() {
      const all = [...opened.values()];
      opened.clear();
      await Promise.allSettled(all.flatMap((index) => [index.source.close(), index.sink.close()]));
      await openers.close();
    },
  };
}
