import { InputError } from '@reindeer/core';

/** PostgreSQL cuts longer identifiers silently, so that two generations could become one table. */
export const MAX_IDENTIFIER_BYTES = 63;

/** What a generation's name adds to its index's: `_g`, up to six digits, `_` and a nonce of up to eight. */
const GENERATION_SUFFIX_BYTES = 17;

/** A string constant; `E''` where there is a backslash, so that `standard_conforming_strings` does not matter. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** @throws InputError for a name that PostgreSQL would cut, or cannot hold. */
export function assertIdentifier(what: string, name: string, remedy: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_IDENTIFIER_BYTES) {
    throw new InputError(
      'name-too-long',
      `${what} ${JSON.stringify(name)} has ${bytes} bytes; PostgreSQL keeps ${MAX_IDENTIFIER_BYTES}. ${remedy}`,
    );
  }
  if (name === '' || name.includes('\0') || !name.isWellFormed()) {
    throw new InputError('bad-name', `${what} ${JSON.stringify(name)} cannot be a name in PostgreSQL. ${remedy}`);
  }
}

/** @throws InputError when the index's generations would not fit. */
export function assertIndexName(index: string): void {
  const longest = MAX_IDENTIFIER_BYTES - GENERATION_SUFFIX_BYTES;
  assertIdentifier('The index name', index, `Give the index a name of at most ${longest} bytes.`);
  if (Buffer.byteLength(index) > longest) {
    throw new InputError(
      'name-too-long',
      `The index name ${JSON.stringify(index)} has ${Buffer.byteLength(index)} bytes, and its generations ` +
        `(${index}_g42_k3f9) would pass PostgreSQL's ${MAX_IDENTIFIER_BYTES}. Give it a name of at most ${longest} bytes.`,
    );
  }
}
