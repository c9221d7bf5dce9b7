import { nextTick } from './nextTick.ts';

/**
 * What is wrong with a cron expression or its time zone, to be followed by a remedy; null when it fires. Stricter than
 * cron-parser, which fills missing fields with '*' (so that '' and '0 3 * *' fire every minute) and draws 'H' at random,
 * in each process anew.
 */
export function cronProblem(cron: string, timezone: string, nowMs: number): string | null {
  const fields = cron.trim() === '' ? [] : cron.trim().split(/\s+/);
  const named = fields.length === 1 && cron.trim().startsWith('@');
  if (!named && fields.length !== 5 && fields.length !== 6) {
    return `it has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}, not five or six`;
  }
  if (/(?<![a-z])h/i.test(cron) && !named) return `'H' stands for chance, and each process would have its own`;
  const problem = parseProblem(cron, timezone, nowMs);
  if (problem === null) return null;
  // Whatever cron-parser says of an unknown time zone names neither the zone nor that it is the zone.
  return parseProblem(cron, 'UTC', nowMs) === null ? `no time zone is called ${JSON.stringify(timezone)}` : problem;
}

function parseProblem(cron: string, timezone: string, nowMs: number): string | null {
  try {
    nextTick({ kind: 'cron', cron, timezone }, nowMs);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
