import type { Call } from './call.ts';
import { COMMAND_CALLS } from './commandCalls.ts';
import { READ_CALLS } from './readCalls.ts';

/** Every call of the HTTP API: the routes and their description are made from this list. */
export const CALLS: readonly Call[] = [...READ_CALLS, ...COMMAND_CALLS];
