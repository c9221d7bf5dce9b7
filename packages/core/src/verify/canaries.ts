import type { Canary } from '../definition.ts';
import type { Gate } from './gate.ts';

/** How many of the best hits are asked for: a canary's ids must be among them. */
export const CANARY_HITS = 100;

export interface CanaryAnswer {
  readonly hits: number;
  /** The best, at most `CANARY_HITS`. */
  readonly ids: readonly string[];
}

/** One gate for each canary: enough hits, and each id that it names among the best. */
export function decideCanaries(canaries: readonly Canary[], answers: readonly CanaryAnswer[]): readonly Gate[] {
  return canaries.map((canary, at) => {
    const { hits, ids } = answers[at] ?? { hits: 0, ids: [] };
    const best = new Set(ids);
    const absent = canary.ids.filter((id) => !best.has(id));
    const name = `The canary ${JSON.stringify(canary.query)}`;
    const gate = { gate: 'canary-gate', found: hits, permitted: canary.minHits } as const;
    // Turned round, so that hits that are no number do not pass.
    if (!(hits >= canary.minHits))
      return {
        ...gate,
        passed: false,
        detail: `${name} finds ${hits} documents; at least ${canary.minHits} are asked for. Look at the mappings and the transform, or correct rebuild.canaries.`,
      };
    if (absent.length > 0)
      return {
        ...gate,
        passed: false,
        detail: `${name} finds ${hits} documents, but among the best ${CANARY_HITS} are not: ${absent.join(', ')}. Look at the mappings and the transform, or correct rebuild.canaries.`,
      };
    return { ...gate, passed: true, detail: `${name} finds ${hits} documents.` };
  });
}
