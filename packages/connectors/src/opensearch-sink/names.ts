import { InputError } from '@reindeer/core';

const MAX_NAME_BYTES = 255;
/** `_g`, up to six digits, `_`, a nonce of up to eight, and what our aliases add. */
const LONGEST_SUFFIX = 60;

/**
 * What workers write through. An alias may hold capitals, an index may not: so the engine cannot make an index of this
 * name when the generation is gone, whatever a late writer sends. (`require_alias` alone does not cover deletes.)
 */
export function writeAlias(generation: string): string {
  return `${generation}_WRITE`;
}

/** One stands on the live generation, and says how many swaps there were. */
export function epochAlias(index: string, epoch: number): string {
  return `${index}.epoch-${epoch}`;
}

/** How a ticket bound is kept: see `reserve`. */
export function boundAlias(generation: string, bound: number): string {
  return `${generation}_BOUND-${bound}`;
}

/** The number at the end of an alias of ours; null for every other alias. */
export function numberIn(alias: string, prefix: string): number | null {
  if (!alias.startsWith(prefix)) return null;
  const digits = alias.slice(prefix.length);
  return /^\d{1,16}$/.test(digits) ? Number(digits) : null;
}

/** @throws InputError for a name that an index cannot have. */
export function assertIndexName(index: string): void {
  if (Buffer.byteLength(index) > MAX_NAME_BYTES - LONGEST_SUFFIX) {
    throw new InputError(
      'name-too-long',
      `The index name ${JSON.stringify(index)} is too long for an OpenSearch index with ours after it. Give it a name of at most ${MAX_NAME_BYTES - LONGEST_SUFFIX} bytes.`,
    );
  }
  if (index !== index.toLowerCase() || /[\\/*?"<>| ,#:]/.test(index) || /^[-_+.]/.test(index) || index === '') {
    throw new InputError(
      'bad-name',
      `${JSON.stringify(index)} cannot be the name of an OpenSearch index: use lower-case letters, digits, \`_\` and \`-\`.`,
    );
  }
}
