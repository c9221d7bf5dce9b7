import { InputError, LANES, type Lane } from '@reindeer/core';

/** What the interface names and this version does not do: refused in one sentence, never accepted in silence. */
export function notBuilt(what: string, instead: string): InputError {
  return new InputError('not-built', `${what} is not part of this version of Reindeer. ${instead}`);
}

const REBUILD_INSTEAD = 'The lane it has is `rebuild`, which builds the whole index anew.';

/** @throws InputError for a lane that there is not, or not yet. */
export function requireLane(lane: string): Lane {
  if (lane === 'rebuild') return lane;
  if ((LANES as readonly string[]).includes(lane)) throw notBuilt(`The lane \`${lane}\``, REBUILD_INSTEAD);
  throw new InputError('unknown-lane', `There is no lane "${lane}"; there is: ${LANES.join(', ')}.`);
}
