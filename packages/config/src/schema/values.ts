import { parseDuration, parseSize } from '@reindeer/core';
import { z } from 'zod';

/** What the documentation tells of a key, beside its description. */
export interface KeyNotes {
  /** What it does. */
  readonly description: string;
  /** What more of it costs, and less of it. */
  readonly tradeOff?: string;
  /** As a user would write it; absent: required, or nothing. */
  readonly default?: string;
}

/** A duration as people write it, as milliseconds. */
export function duration(limits: { min?: string; max?: string } = {}) {
  return z.string({ error: (issue) => wrong(issue.input, durationRemedy) }).transform((text, context) => {
    const ms = parseDuration(text);
    const minMs = limits.min === undefined ? 0 : (parseDuration(limits.min) ?? 0);
    const maxMs = limits.max === undefined ? Number.MAX_SAFE_INTEGER : (parseDuration(limits.max) ?? 0);
    if (ms === null) context.addIssue(wrong(text, durationRemedy));
    else if (ms < minMs) context.addIssue(wrong(text, `give ${limits.min} or more`));
    else if (ms > maxMs) context.addIssue(wrong(text, `give ${limits.max} or less`));
    return ms ?? 0;
  });
}

const durationRemedy = "is no duration: write a whole number and a unit, such as '250ms', '30s', '5m', '6h' or '7d'";

/** A size as people write it, as bytes. */
export function size() {
  const remedy = "is no size: write a whole number and a unit, such as '500KB', '5MB' or '1GiB'";
  return z.string({ error: (issue) => wrong(issue.input, remedy) }).transform((text, context) => {
    const bytes = parseSize(text);
    if (bytes === null || bytes === 0) context.addIssue(wrong(text, remedy));
    return bytes ?? 0;
  });
}

export function whole(min: number, max: number) {
  const remedy = `give a whole number from ${min} to ${max}`;
  return z
    .number({ error: (issue) => wrong(issue.input, remedy) })
    .int({ error: (issue) => wrong(issue.input, remedy) })
    .min(min, { error: (issue) => wrong(issue.input, remedy) })
    .max(max, { error: (issue) => wrong(issue.input, remedy) });
}

export function text(remedy = 'give a text') {
  return z.string({ error: (issue) => wrong(issue.input, remedy) }).min(1, { error: () => `is empty: ${remedy}` });
}

/** A key that this version does not have yet: present at all, it is refused. */
export function unbuilt(instead: string) {
  return z
    .unknown()
    .refine((value) => value === undefined, { error: () => `this version does not have it yet: ${instead}` })
    .optional();
}

/** A message that begins with the value: `"5 min" is no duration: …`. */
export function wrong(value: unknown, remedy: string): string {
  if (value === undefined) return `is missing: ${remedy.replace(/^is no [^:]*: /, '')}`;
  return `${shown(value)} ${remedy.startsWith('is ') ? remedy : `is not right: ${remedy}`}`;
}

/** A value in a message: short, and never a url with a password. */
export function shown(value: unknown): string {
  const json = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
  const safe = json.replace(/([a-z][a-z0-9+.-]*:\/\/)[^@/\s"]*@/gi, '$1***@');
  return safe.length <= 80 ? safe : `${safe.slice(0, 77)}…`;
}
