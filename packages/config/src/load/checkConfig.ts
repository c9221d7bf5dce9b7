import type { z } from 'zod';
import { configSchema, type ParsedConfig } from '../schema/configSchema.ts';
import { shown } from '../schema/values.ts';
import { Draft, type Path, pathText } from './draft.ts';
import { nearest } from './nearest.ts';
import { applyRules } from './rules.ts';

export interface Checked {
  readonly config: ParsedConfig | null;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Checks everything that can be checked without a server; all mistakes at once. The environment has texts only: where
 * one of `variables` stands in the place of a number, it is taken for the number it spells.
 */
export function checkConfig(given: unknown, variables: ReadonlySet<string> = new Set()): Checked {
  const { value, parsed } = parse(given, variables);
  const issues = parsed.error?.issues ?? [];
  const draft = new Draft(value, issues.flatMap(placesOf));
  if (issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'))
    applyRules(draft, Date.now());
  const problems = [...issues.flatMap(describe), ...draft.problems];
  return { config: problems.length === 0 ? (parsed.data ?? null) : null, problems, warnings: draft.warnings };
}

function parse(given: unknown, variables: ReadonlySet<string>) {
  const parsed = configSchema.safeParse(given);
  const numbers = (parsed.error?.issues ?? []).filter(
    (issue) =>
      issue.code === 'invalid_type' &&
      issue.expected === 'number' &&
      variables.has(pathText(issue.path)) &&
      /^\d{1,15}(\.\d{1,15})?$/.test(String(new Draft(given, []).get(...issue.path))),
  );
  if (numbers.length === 0) return { value: given, parsed };
  const value = numbers.reduce<unknown>((node, issue) => withNumber(node, issue.path), given);
  return { value, parsed: configSchema.safeParse(value) };
}

/** A copy in which the text at the path is a number. */
function withNumber(node: unknown, [part, ...rest]: Path): unknown {
  if (part === undefined) return Number(node);
  const inner = (node as Record<PropertyKey, unknown>)[part];
  if (Array.isArray(node)) return node.with(Number(part), withNumber(inner, rest));
  return { ...(node as object), [part]: withNumber(inner, rest) };
}

/** Where something is wrong. An object with a key too many is right itself. */
function placesOf(issue: z.core.$ZodIssue): Path[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

function describe(issue: z.core.$ZodIssue): string[] {
  const path = pathText(issue.path);
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

function sentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`;
}
