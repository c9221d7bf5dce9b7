import { InputError, LANES, type Lane } from '@reindeer/core';

/** What the interface names and this version does not do: refused in one sentence, never accepted in silence. */
export function notBuilt(what: string, instead: string): InputError {
  return new InputError('not-built', `${what} is not part of this version of Reindeer. ${instead}`);
}

const INSTEAD = 'The lanes it has are `rebuild`, `refresh` and `verify`; a scheduled refresh finds what changed.';

/** @throws InputError for a lane that there is not, or not yet. */
export function requireLane(lane: string): Lane {
  if (lane === 'incremental') throw notBuilt(`The lane \`${lane}\``, INSTEAD);
  const known = LANES.find((one) => one === lane);
  if (known !== undefined) return known;
  throw new InputError('unknown-lane', `There is no lane "${lane}"; there is: ${LANES.join(', ')}.`);
}
