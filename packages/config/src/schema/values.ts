import { parseDuration, parseSize } from '@reindeer/core';
import { z } from 'zod';
import { maskUrl } from '../load/secrets.ts';

/** What the documentation tells of a key, beside its description. */
export interface KeyNotes {
  /** What it does. */
  readonly description: string;
  /** What more of it costs, and less of it. */
  readonly tradeOff?: string;
  /** As a user would write it; absent: required, or nothing. */
  readonly default?: string;
}

/** Notes as zod's metadata takes them. */
export function note(notes: KeyNotes): KeyNotes & Record<string, unknown> {
  return { ...notes };
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

/** A server's url; empty: none. `remedy` as in `is no queue url: give redis://…`. */
export function url(scheme: RegExp, remedy: string) {
  return z
    .string({ error: (issue) => wrong(issue.input, remedy) })
    .superRefine((value, context) => {
      const problem = urlProblem(value, scheme, remedy);
      if (problem !== null) context.addIssue(problem);
    })
    .default('');
}

/** What is wrong with a server's url; null: nothing, or there is none. */
export function urlProblem(value: string, scheme: RegExp, remedy: string): string | null {
  if (value === '') return null;
  if (!scheme.test(value)) return `${shownUrl(value)} ${remedy}`;
  if (URL.canParse(value) && hasReadableUser(new URL(value))) return null;
  return `${shownUrl(value)} is no url that can be read: percent-encode what is special in its password`;
}

/** `:100%@` has a `%` that begins no escape; PostgreSQL's driver alone takes it for itself. */
function hasReadableUser({ protocol, username, password }: URL): boolean {
  try {
    if (!/^postgres/.test(protocol)) decodeURIComponent(`${username}:${password}`);
    return true;
  } catch {
    return false;
  }
}

/** A message that begins with the value: `"5 min" is no duration: …`. */
export function wrong(value: unknown, remedy: string): string {
  if (value === undefined) return `is missing: ${remedy.replace(/^is no [^:]*: /, '')}`;
  return `${shown(value)} ${remedy.startsWith('is ') ? remedy : `is not right: ${remedy}`}`;
}

/** The same where a url belongs: without `://` and a host, any part of it may be the password. */
function shownUrl(value: string): string {
  return /:\/\/[\s\S]*@/.test(value) ? shown(value) : shown(maskUrl(value));
}

/** A value in a message: short, never a url with a password, objects by their kind alone: they may hold one. */
export function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  // Up to the last `@`: a password may hold an unescaped one, and showing too little is the safe mistake.
  const safe = typeof value === 'string' ? JSON.stringify(value.replace(/:\/\/[\s\S]*@/, '://***@')) : String(value);
  return safe.length <= 80 ? safe : `${safe.slice(0, 77)}…`;
}
