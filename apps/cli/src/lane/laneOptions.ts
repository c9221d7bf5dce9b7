import { InputError, type Key, type KeyRange, parseKey } from '@reindeer/core';
import { wholeNumber } from '../setup/runNumber.ts';
import type { VerbOptions } from '../verb.ts';

const MAX_SHARD = 1_023;

export interface LaneOptions {
  readonly shard: number | null;
  readonly range: KeyRange | null;
  readonly force: boolean;
  readonly adopt: boolean;
  readonly deep: boolean;
}

/** What part of an index a run is about, and how. @throws InputError for what cannot be read. */
export function laneOptions(options: VerbOptions): LaneOptions {
  const after = keyOption('--after', options.after);
  const upTo = keyOption('--up-to', options.upTo);
  return {
    shard: typeof options.shard === 'string' ? wholeNumber('--shard', options.shard, 0, MAX_SHARD) : null,
    range: after === null && upTo === null ? null : { after, upTo },
    force: options.force === true,
    adopt: options.adopt === true,
    deep: options.deep === true,
  };
}

function keyOption(option: string, text: string | boolean | undefined): Key | null {
  if (typeof text !== 'string') return null;
  const key = parseKey(text);
  if (key !== null) return key;
  throw new InputError(
    'option-value',
    `${option} ${JSON.stringify(text)}: give a key as JSON, such as '42', '"abc"' or '["t1","42"]'.`,
  );
}
