import { PROMOTION_OPTIONS } from '../promotion/promotionOptions.ts';
import { runPromotion } from '../promotion/runPromotion.ts';
import type { Verb } from '../verb.ts';

export const promoteVerb: Verb = {
  usage: 'promote <index> [generation]',
  summary: 'make a generation live whose promotion was refused',
  more: `Without GENERATION, the newest that was built to its end. It passes the same gates as any other, and waits until the feed
has caught up; --force passes them, and a refresh follows. Refused: exit code 3, with the reason.`,
  options: PROMOTION_OPTIONS,
  examples: [
    'reindeer promote cities',
    'reindeer promote cities cities_g4_k3f9 --force --note "the canary asks for a city that is gone"',
  ],
  action: (context, args, options) => runPromotion(context, 'on', args, options),
};
