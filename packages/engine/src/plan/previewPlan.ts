import type { SourceDescription } from '@reindeer/connectors';
import {
  decideTick,
  isShardLane,
  type Lane,
  type PendingChange,
  pendingChange,
  placeOf,
  planSliceCounts,
  type Reason,
  WHOLE_INDEX,
} from '@reindeer/core';
import { type ChangeSinceLive, changeSinceLive, type Ledger, readScheduleState } from '@reindeer/ledger';
import type { OpenIndex } from '../context.ts';

export interface PlanPreview {
  readonly index: string;
  readonly lane: Lane;
  readonly wouldStart: boolean;
  readonly reason: Reason | null;
  readonly detail: string;
  readonly rows: number;
  readonly rowsExact: boolean;
  readonly shards: number;
  readonly slices: number;
  /** From the speed of the last completed run; null when there is none. */
  readonly estimatedMs: number | null;
  /**
   * What of this configuration's definition changed since the live generation was made, and whether a refresh or a rebuild
   * applies it; null: nothing, or nothing is live.
   */
  readonly definition: PendingChange | null;
  readonly warnings: SourceDescription['warnings'];
}

/** What `run` would do now, without doing it. `documentsPerSecond`: of the last completed run; null when there is none. */
export async function previewPlan(
  ledger: Ledger,
  index: OpenIndex,
  lane: Lane,
  documentsPerSecond: number | null,
  signal: AbortSignal,
): Promise<PlanPreview> {
  const { definition } = index;
  const state = await readScheduleState(ledger, definition.name, lane, WHOLE_INDEX, placeOf(lane));
  const decision = decideTick({
    index: definition,
    lane,
    shard: WHOLE_INDEX,
    state,
    trigger: 'manual',
    slotMs: null,
  });
  const changed = await changeSinceLive(ledger, definition);
  const refusal = decision.kind === 'start' ? notApplied(definition.name, changed) : decision;
  const described = await index.source.describe(signal);
  // A run in place works on the shards there are, each in one slice.
  const shards = isShardLane(lane) ? (state.live?.shards ?? definition.shards) : definition.shards;
  const perShard = isShardLane(lane)
    ? 1
    : planSliceCounts({ rows: described.rows, shards, rebuild: definition.rebuild });
  return {
    index: definition.name,
    lane,
    wouldStart: refusal === null,
    reason: refusal?.reason ?? null,
    detail: refusal?.detail ?? 'Nothing speaks against it.',
    rows: described.rows,
    rowsExact: described.rowsExact,
    shards,
    slices: Math.max(1, perShard * shards),
    estimatedMs:
      documentsPerSecond === null || documentsPerSecond <= 0 ? null : (described.rows / documentsPerSecond) * 1000,
    definition: changed === null || isLive(changed) ? null : pendingChange(changed.change),
    warnings: described.warnings,
  };
}

/** What is live is of this very definition, and a scheduler has applied another. */
function isLive({ change, applied }: ChangeSinceLive): boolean {
  return !applied && change.needs === 'nothing';
}

/** A changed configuration is looked at before it is deployed, as a rule; until then nothing starts by it. */
function notApplied(
  index: string,
  changed: ChangeSinceLive | null,
): { readonly reason: Reason; readonly detail: string } | null {
  if (changed === null || changed.applied) return null;
  return {
    reason: 'definition-mismatch',
    detail: `The definition of ${index} that schedulers have applied is another than this configuration's. Deploy this one to them: \`reindeer scheduler\`, with \`--apply-config\` where it was applied before.`,
  };
}
