import type { CatchUpAnswer, Reason } from '@reindeer/core';

/** What becomes of a finish task that promotes. */
export type Finish =
  | { readonly kind: 'promoted' }
  /** It is not caught up yet, say: asked again. */
  | { readonly kind: 'later'; readonly reason: Reason; readonly detail: string }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string };

/** What the gate's answer makes of a finish task; null: it goes on. */
export function notYet(answer: CatchUpAnswer): Finish | null {
  switch (answer.kind) {
    case 'go':
      return null;
    case 'wait':
      return { ...answer, kind: 'later' };
    case 'refuse':
      return { ...answer, kind: 'refused' };
  }
}
