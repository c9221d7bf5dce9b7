import { InputError, LANES, type Lane } from '@reindeer/core';

/** What the interface names and this version does not do: refused in one sentence, never accepted in silence. */
export function notBuilt(what: string, instead: string): InputError {
  return new InputError('not-built', `${what} is not part of this version of Reindeer. ${instead}`);
}

/** @throws InputError for a lane that there is not. */
export function requireLane(lane: string): Lane {
  const known = LANES.find((one) => one === lane);
  if (known !== undefined) return known;
  throw new InputError('unknown-lane', `There is no lane "${lane}"; there is: ${LANES.join(', ')}.`);
}
