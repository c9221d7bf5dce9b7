import { InputError, type SinkDefinition } from '@reindeer/core';
import { assertIdentifier } from './names.ts';

export const WEIGHTS = ['A', 'B', 'C', 'D'] as const;
export type Weight = (typeof WEIGHTS)[number];

export interface SearchField {
  /** `['address', 'city']` for `address.city`. */
  readonly path: readonly string[];
  readonly weight: Weight;
}

/** `mappings` and `settings` of a PostgreSQL sink, resolved. */
export interface PostgresSinkSettings {
  readonly schema: string;
  /** A text search configuration of the server, as the user named it; looked up when a generation is made. */
  readonly language: string;
  /** null: every string in the body, with weight D. */
  readonly fields: readonly SearchField[] | null;
}

const MAPPINGS = ['text', 'language', 'weights'];
const SETTINGS = ['schema'];

/**
 * Checks a sink's `mappings` (`text`: the fields that are searched, default all strings; `language`: a text search
 * configuration, default `simple`; `weights`: `{ name: 'A' }`, default D) and `settings` (`schema`, default `public`).
 * @throws InputError naming the place, the value and the remedy. Whether the server has the language, only it can say.
 */
export function resolveSinkSettings(definition: SinkDefinition): PostgresSinkSettings {
  refuseUnknown('mappings', definition.mappings, MAPPINGS);
  refuseUnknown('settings', definition.settings, SETTINGS);
  const schema = definition.settings.schema ?? 'public';
  if (typeof schema !== 'string') throw invalid('settings.schema', schema, "Give the schema's name, such as 'public'.");
  assertIdentifier('sink.settings.schema', schema, 'Give a shorter name of an existing schema.');
  const language = definition.mappings.language ?? 'simple';
  if (typeof language !== 'string' || language === '') {
    throw invalid('mappings.language', language, "Give a text search configuration, such as 'simple' or 'english'.");
  }
  const text = fieldNames(definition.mappings.text);
  const weights = fieldWeights(definition.mappings.weights, text);
  const fields = text?.map((name) => ({ path: name.split('.'), weight: weights.get(name) ?? 'D' })) ?? null;
  return { schema, language, fields };
}

function fieldNames(text: unknown): readonly string[] | null {
  if (text === undefined || text === null) return null;
  const remedy = "Give a list of fields, such as ['name', 'address.city'], or leave it out to search all strings.";
  if (!Array.isArray(text) || text.length === 0) throw invalid('mappings.text', text, remedy);
  const names: string[] = [];
  for (const name of text) {
    if (typeof name !== 'string' || name.split('.').includes('') || name.includes('\0')) {
      throw invalid('mappings.text', name, remedy);
    }
    if (names.includes(name)) throw invalid('mappings.text', name, 'Name each field once.');
    names.push(name);
  }
  return names;
}

function fieldWeights(weights: unknown, text: readonly string[] | null): ReadonlyMap<string, Weight> {
  if (weights === undefined || weights === null) return new Map();
  if (typeof weights !== 'object' || Array.isArray(weights)) {
    throw invalid('mappings.weights', weights, "Give an object, such as { name: 'A', country: 'C' }.");
  }
  const found = new Map<string, Weight>();
  for (const [name, value] of Object.entries(weights)) {
    const weight = WEIGHTS.find((known) => known === value);
    if (weight === undefined) {
      throw invalid(`mappings.weights.${name}`, value, `Give one of ${WEIGHTS.join(', ')}; A counts most.`);
    }
    if (text === null || !text.includes(name)) {
      throw invalid(`mappings.weights.${name}`, value, `List ${JSON.stringify(name)} in mappings.text as well.`);
    }
    found.set(name, weight);
  }
  return found;
}

function refuseUnknown(part: 'mappings' | 'settings', given: Readonly<Record<string, unknown>>, known: string[]): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw invalid(
        `${part}.${key}`,
        given[key],
        `A PostgreSQL sink knows ${part} ${known.join(', ')}; remove this one.`,
      );
    }
  }
}

function invalid(place: string, value: unknown, remedy: string): InputError {
  const shown = JSON.stringify(value) ?? String(value);
  return new InputError('bad-sink', `sink.${place}: ${shown} is not right. ${remedy}`);
}
