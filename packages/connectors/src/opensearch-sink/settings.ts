import { InputError, type SinkDefinition } from '@reindeer/core';
import { flatten } from './flatten.ts';
import { STAMP, STAMP_MAPPING } from './stamp.ts';

/** `mappings` and `settings` of an OpenSearch sink, resolved. */
export interface OpenSearchSinkSettings {
  /** The user's mappings with the stamp's; `_meta` is the user's. */
  readonly mappings: Readonly<Record<string, unknown>> & { readonly _meta: Readonly<Record<string, unknown>> };
  /** The user's settings by their full names, without those that are set aside while loading. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What `settle` restores; null: the server's default. */
  readonly restored: Readonly<Record<string, unknown>>;
}

/** While a generation is built: nobody searches it, and a replica would index everything a second time. */
export const LOADING: Readonly<Record<string, unknown>> = {
  'index.refresh_interval': '-1',
  'index.number_of_replicas': 0,
};

/** Longer than any request in flight: until then a delete is remembered, and an older write stays refused (rule 14). */
export const GC_DELETES = '1h';

/**
 * Checks a sink's `mappings` and `settings`, given as OpenSearch's own.
 * @throws InputError naming the place and the remedy. Whether the server takes the rest, only it can say.
 */
export function resolveSinkSettings({ mappings, settings }: SinkDefinition): OpenSearchSinkSettings {
  assertMappings(mappings);
  const { properties = {}, _meta = {}, ...others } = mappings as Record<string, Record<string, unknown>>;
  const given = flatten(settings);
  for (const [name, value] of Object.entries(given)) assertSetting(name, value);
  const aside = Object.keys(LOADING);
  const expand = 'index.auto_expand_replicas';
  if (given[expand] !== undefined) aside.push(expand);
  return {
    mappings: { ...others, _meta, properties: { ...properties, [STAMP]: STAMP_MAPPING } },
    settings: Object.fromEntries(Object.entries(given).filter(([name]) => !aside.includes(name))),
    restored: Object.fromEntries(aside.map((name) => [name, given[name] ?? null])),
  };
}

function assertMappings(mappings: Readonly<Record<string, unknown>>): void {
  const { properties, _meta, _routing, _source } = mappings;
  for (const [name, value] of Object.entries({ properties, _meta, _routing, _source })) {
    if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      throw invalid(`mappings.${name}`, 'is no object. Give it as the mapping of an index has it.');
    }
  }
  if (properties !== undefined && Object.hasOwn(properties as object, STAMP)) {
    throw invalid(`mappings.properties.${STAMP}`, 'is the field of Reindeer itself. Give yours another name.');
  }
  if (_meta !== undefined && Object.hasOwn(_meta as object, 'reindeer')) {
    throw invalid('mappings._meta.reindeer', 'is where Reindeer says what a generation is. Use another name.');
  }
  if ((_routing as { required?: unknown } | undefined)?.required === true) {
    throw invalid('mappings._routing.required', 'is true, and documents are written without routing. Leave it out.');
  }
  const { enabled, includes, excludes } = (_source ?? {}) as Record<string, unknown>;
  if (enabled === false || includes !== undefined) {
    const part = enabled === false ? 'enabled' : 'includes';
    throw invalid(`mappings._source.${part}`, 'hides what verify and refresh read. Leave it out, or use excludes.');
  }
  if (Array.isArray(excludes) && excludes.some((pattern) => /^[_*]/.test(String(pattern)))) {
    throw invalid('mappings._source.excludes', `may hide ${STAMP}. Name your own fields.`);
  }
}

const RESERVED: Readonly<Record<string, string>> = {
  'index.gc_deletes': `is ${GC_DELETES}, so that an older write after a delete stays refused. Leave it out.`,
  'index.routing_partition_size': 'needs routing, and documents are written without. Leave it out.',
};

function assertSetting(name: string, value: unknown): void {
  const refusal = RESERVED[name];
  if (refusal !== undefined) throw invalid(`settings.${name}`, refusal);
  if (name.startsWith('index.blocks.') && String(value) !== 'false') {
    throw invalid(`settings.${name}`, 'keeps Reindeer from writing. Leave it out.');
  }
  if (name === 'index.translog.durability' && String(value).toLowerCase() !== 'request') {
    throw invalid(
      `settings.${name}`,
      'loses acknowledged documents when a node dies, behind cursors that say they are written. Leave it out.',
    );
  }
}

/** What the server says of mappings or settings that it refuses. */
export function notTaken(index: string, told: string, cause: unknown): InputError {
  const where = /unsupported parameters/.test(told) ? ' Fields belong under `mappings.properties`.' : '';
  return new InputError(
    'bad-sink',
    `indexes.${index}.sink: the server does not take its mappings or settings: ${told}. Correct them.${where}`,
    { cause },
  );
}

function invalid(place: string, what: string): InputError {
  return new InputError('bad-sink', `sink.${place} ${what}`);
}
