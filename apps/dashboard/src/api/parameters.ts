import { InputError, LANES, type Lane, RUN_PHASES, RUN_STATUSES, type RunState } from '@reindeer/core';
import type { Request } from 'express';

const STATES: readonly RunState[] = [...RUN_STATUSES, ...RUN_PHASES];

/** The most rows a page of the API may have. */
export const MAX_LIMIT = 500;
export const DEFAULT_LIMIT = 50;

export function indexParameter(request: Request): string | undefined {
  return text(request, 'index');
}

export function laneParameter(request: Request): Lane | undefined {
  return oneOf(request, 'lane', LANES);
}

export function stateParameter(request: Request): RunState | undefined {
  return oneOf(request, 'state', STATES);
}

/** The number of the last row of the page before. */
export function afterParameter(request: Request): number | undefined {
  return wholeNumber('after', text(request, 'after'), 0, Number.MAX_SAFE_INTEGER);
}

export function limitParameter(request: Request): number {
  return wholeNumber('limit', text(request, 'limit'), 1, MAX_LIMIT) ?? DEFAULT_LIMIT;
}

/** The run's number in the path. */
export function runParameter(request: Request): number {
  return wholeNumber('run', String(request.params.run), 1, Number.MAX_SAFE_INTEGER) ?? 0;
}

/** @throws InputError for a parameter that the call does not know: a misspelt filter would otherwise give everything. */
export function refuseUnknown(request: Request, known: readonly string[]): void {
  const unknown = Object.keys(request.query).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const remedy = known.length === 0 ? 'This call takes no parameters.' : `Known: ${known.join(', ')}.`;
  throw new InputError('unknown-parameter', `There is no parameter "${unknown}". ${remedy}`);
}

function text(request: Request, name: string): string | undefined {
  const value: unknown = request.query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new InputError('invalid-parameter', `${name}: given more than once. Give it once.`);
}

function oneOf<T extends string>(request: Request, name: string, values: readonly T[]): T | undefined {
  const given = text(request, name);
  const value = values.find((one) => one === given);
  if (given === undefined || value !== undefined) return value;
  throw new InputError('invalid-parameter', `${name}: "${given}" is unknown. Give one of ${values.join(', ')}.`);
}

function wholeNumber(name: string, given: string | undefined, least: number, most: number): number | undefined {
  if (given === undefined) return undefined;
  const value = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InputError('invalid-parameter', `${name}: "${given}" is no whole number from ${least} to ${most}.`);
}
