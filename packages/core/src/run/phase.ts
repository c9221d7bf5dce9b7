export const RUN_PHASES = ['planning', 'building', 'catching_up', 'verifying', 'promoting', 'soaking'] as const;
export type RunPhase = (typeof RUN_PHASES)[number];
