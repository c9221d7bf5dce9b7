import type { z } from 'zod';
import { configSchema, type ParsedConfig } from '../schema/index.ts';
import { shown } from '../schema/values.ts';
import { nearest } from './nearest.ts';

export interface Checked {
  readonly config: ParsedConfig | null;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Checks everything that can be checked without a server; all mistakes at once. */
export function checkConfig(value: unknown): Checked {
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    return { config: null, problems: parsed.error.issues.flatMap((issue) => describe(issue)), warnings: [] };
  }
  const config = parsed.data;
  return { config, problems: crossCheck(config), warnings: warn(config) };
}

function describe(issue: z.core.$ZodIssue): string[] {
  const path = pathOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(issue.path);
      return issue.keys.map((key) => {
        const close = nearest(key, known);
        return `${path === '' ? key : `${path}.${key}`}: there is no such key; ${close === null ? `there are ${known.join(', ')}.` : `did you mean ${close}?`}`;
      });
    }
    case 'invalid_key':
      return issue.issues.map((one) => `${path}: ${sentence(one.message)}`);
    case 'invalid_type':
      return [
        `${path || 'the configuration'}: ${sentence(issue.message.startsWith('Invalid input') ? typeMessage(issue) : issue.message)}`,
      ];
    default:
      return [`${path || 'the configuration'}: ${sentence(issue.message)}`];
  }
}

function typeMessage(issue: z.core.$ZodIssueInvalidType): string {
  if (issue.input === undefined && !/received (?!undefined)/.test(issue.message))
    return `is missing: give ${article(issue.expected)}`;
  return `${issue.message.replace(/^Invalid input: /, '')}${issue.input === undefined ? '' : ` (${shown(issue.input)})`}: give ${article(issue.expected)}`;
}

function article(expected: string): string {
  if (expected === 'record' || expected === 'object') return 'an object';
  return expected === 'array' ? 'a list' : `a ${expected}`;
}

function crossCheck(config: ParsedConfig): string[] {
  const problems: string[] = [];
  const names = Object.keys(config.connections);
  for (const [name, index] of Object.entries(config.indexes)) {
    for (const end of ['source', 'sink'] as const) {
      const wanted = index[end].connection;
      if (names.includes(wanted)) continue;
      const close = nearest(wanted, names);
      problems.push(
        `indexes.${name}.${end}.connection: ${shown(wanted)} is no connection; ${close === null ? `there are ${names.join(', ') || 'none'}` : `did you mean ${close}?`}`,
      );
    }
    if (index.rebuild.timezone !== undefined && index.rebuild.cron === undefined) {
      problems.push(`indexes.${name}.rebuild.timezone: is only for cron, and there is none: leave it out.`);
    }
    const doubled = index.source.key.find((column, at) => index.source.key.indexOf(column) !== at);
    if (doubled !== undefined) problems.push(`indexes.${name}.source.key: ${shown(doubled)} is there twice.`);
  }
  if (Object.keys(config.indexes).length === 0) problems.push('indexes: there is none: give at least one.');
  const { lease, batchTimeout } = config.worker;
  if (batchTimeout < lease) {
    problems.push(
      `worker.batchTimeout: ${batchTimeout} ms is shorter than worker.lease, ${lease} ms: a slow batch would look like a death. Make it longer than the lease.`,
    );
  }
  const users = config.dashboard.users.map((user) => user.name);
  const same = users.find((name, at) => users.indexOf(name) !== at);
  if (same !== undefined) problems.push(`dashboard.users: ${shown(same)} is there twice.`);
  return problems;
}

function warn(config: ParsedConfig): string[] {
  const warnings: string[] = [];
  for (const [name, { rebuild }] of Object.entries(config.indexes)) {
    if (rebuild.every !== undefined && rebuild.cron !== undefined) {
      warnings.push(`indexes.${name}.rebuild: has both every and cron; cron wins.`);
    }
    if (rebuild.every === undefined && rebuild.cron === undefined && rebuild.freshFor === undefined) {
      warnings.push(`indexes.${name}.rebuild: is not scheduled; the index is built once, and then only by hand.`);
    }
  }
  return warnings;
}

/** The keys that the object at a path may have, for a suggestion. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let node: unknown = configSchema;
  for (const part of path) node = child(node, String(part));
  const shape = (unwrap(node) as { shape?: object } | undefined)?.shape;
  return shape === undefined ? [] : Object.keys(shape);
}

function child(node: unknown, part: string): unknown {
  const type = unwrap(node) as { shape?: Record<string, unknown>; valueType?: unknown; element?: unknown } | undefined;
  return type?.shape?.[part] ?? type?.valueType ?? type?.element;
}

function unwrap(node: unknown): unknown {
  let type = node as { unwrap?: () => unknown; shape?: unknown; in?: unknown } | undefined;
  while (type !== undefined && type.shape === undefined && typeof type.unwrap === 'function' && !('element' in type)) {
    type = type.unwrap() as typeof type;
  }
  return type;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

function sentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`;
}
