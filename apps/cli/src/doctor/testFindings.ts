import type { Diagnosis } from './diagnosis.ts';

/** When the tests of findings look. */
export const NOW = Date.parse('2026-01-01T03:00:00.000Z');
export const HOUR = 3_600_000;

export function ago(ms: number): string {
  return new Date(NOW - ms).toISOString();
}

/** Of each finding how bad it is, what it is, and the way out. */
export function brief(findings: readonly Diagnosis[]): readonly string[] {
  return findings.map(({ severity, code, remedy }) => [severity, code, remedy].join(' | '));
}
