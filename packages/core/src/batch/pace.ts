/** How many documents a batch has: doubled while it is quick, halved when the sink asks for less. */
export interface Pace {
  readonly documents: number;
  readonly maxDocuments: number;
  readonly targetMs: number;
}

const MIN_DOCUMENTS = 10;
const FIRST_DOCUMENTS = 500;

export function firstPace(limits: { maxDocuments: number; targetMs: number }): Pace {
  return { documents: Math.max(1, Math.min(FIRST_DOCUMENTS, limits.maxDocuments)), ...limits };
}

/**
 * The pace after a batch: towards the target time, at most doubled; halved on `busy`, as TCP does on loss. Only a batch
 * that was full says anything about a larger one.
 */
export function nextPace(pace: Pace, batch: { documents: number; elapsedMs: number; busy: boolean }): Pace {
  if (batch.busy)
    return { ...pace, documents: Math.max(Math.min(MIN_DOCUMENTS, pace.maxDocuments), Math.floor(pace.documents / 2)) };
  if (batch.documents < pace.documents) return pace;
  const wanted = Math.round((batch.documents * pace.targetMs) / Math.max(1, batch.elapsedMs));
  const bounded = Math.min(pace.documents * 2, Math.max(wanted, Math.ceil(pace.documents / 2), MIN_DOCUMENTS));
  return { ...pace, documents: Math.max(1, Math.min(pace.maxDocuments, bounded)) };
}
