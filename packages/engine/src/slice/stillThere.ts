import type { Sight } from './lookAgain.ts';

/**
 * What a look sees after a pass of the feed that began after the look before it. Whatever that one saw of a row was
 * committed before the pass, so the pass has written it, if it was to be written. Where the sink holds another version than
 * before, it did: what differs now came later, and a row that changes all the time is no difference (rule 18).
 * @param before versions that the sink held of what differed then; null: nothing
 */
export function stillThere(sights: readonly Sight[], before: ReadonlyMap<string, number | null>): readonly Sight[] {
  return sights.map((sight) =>
    sight.kind === 'different' && before.get(sight.operation.id) !== sight.held ? { kind: 'same' } : sight,
  );
}
