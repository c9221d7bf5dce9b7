import { PROMOTION_OPTIONS } from '../promotion/promotionOptions.ts';
import { runPromotion } from '../promotion/runPromotion.ts';
import type { Verb } from '../verb.ts';

export const rollbackVerb: Verb = {
  usage: 'rollback <index> [generation]',
  summary: 'make the generation live again that was live before',
  more: `It was kept current meanwhile, so that searches get the old mapping with today's data; \`reindeer status INDEX\` says for how
long. It waits until the feed has passed once more. Refused: exit code 3, with the reason.`,
  options: PROMOTION_OPTIONS,
  examples: [
    'reindeer rollback cities',
    'reindeer rollback cities --note "the new mapping finds no umlauts"',
    'reindeer rollback cities cities_g3_k3f9 --force --note "as it was, rather than nothing"',
  ],
  action: (context, args, options) => runPromotion(context, 'back', args, options),
};
