import { cronProblem, nextTick, parseDuration, type Schedule } from '@reindeer/core';
import { configSchema } from '../schema/configSchema.ts';
import { shown } from '../schema/values.ts';
import type { Draft, Path } from './draft.ts';
import { nearest } from './nearest.ts';

const { worker: WORKER } = configSchema.parse({ connections: {}, indexes: {} });

/** Everything that one key alone cannot tell: names that refer to names, keys that exclude each other, orders of size. */
export function applyRules(draft: Draft, nowMs: number): void {
  const indexes = draft.keys('indexes');
  if (indexes?.length === 0) draft.problem(['indexes'], 'there is none: give at least one.');
  for (const name of indexes ?? []) {
    if (draft.keys('indexes', name) === null) continue;
    indexNameRule(draft, name);
    for (const end of ['source', 'sink']) connectionRule(draft, ['indexes', name, end, 'connection']);
    sourceKindRule(draft, ['indexes', name, 'source', 'connection']);
    sourceRule(draft, ['indexes', name, 'source']);
    changesRule(draft, ['indexes', name, 'source']);
    for (const lane of ['rebuild', 'refresh', 'verify']) scheduleRule(draft, ['indexes', name, lane]);
    rebuildRule(draft, ['indexes', name, 'rebuild'], nowMs);
  }
  workerRule(draft);
  usersRule(draft);
  if (draft.problems.length === 0) unusedConnections(draft, indexes ?? []);
}

function indexNameRule(draft: Draft, name: string): void {
  if (/_g\d+_[a-z0-9]+$/.test(name))
    draft.problem(
      ['indexes', name],
      'reads like a generation of another index, of which there would be two kinds: choose a name that does not end like _g1_abcd.',
    );
}

function connectionRule(draft: Draft, path: Path): void {
  const wanted = draft.text(...path);
  const names = draft.keys('connections');
  if (wanted === undefined || names === null || names.includes(wanted)) return;
  const close = nearest(wanted, names);
  const remedy = close === null ? `there are ${names.join(', ') || 'none'}` : `did you mean ${close}?`;
  draft.problem(path, `${shown(wanted)} is no connection; ${remedy}`);
}

function sourceKindRule(draft: Draft, path: Path): void {
  const name = draft.text(...path);
  const kind = name === undefined ? undefined : draft.text('connections', name, 'kind');
  if (kind === undefined || kind === 'postgres') return;
  draft.problem(
    path,
    `${shown(name)} is of kind ${kind}, which can only be a sink: documents come from a connection of kind postgres.`,
  );
}

function sourceRule(draft: Draft, path: Path): void {
  if (draft.keys(...path) === null) return;
  const hasTable = draft.has(...path, 'table');
  if (hasTable === draft.has(...path, 'query'))
    draft.problem(
      path,
      hasTable ? 'has both `table` and `query`: keep one.' : 'has neither `table` nor `query`: give one.',
    );
  for (const list of ['key', 'columns']) {
    const names = draft.get(...path, list);
    if (!Array.isArray(names)) continue;
    const doubled: unknown = names.find((column, at) => names.indexOf(column) !== at);
    if (doubled !== undefined) draft.problem([...path, list], `${shown(doubled)} is there twice.`);
  }
}

function changesRule(draft: Draft, path: Path): void {
  if (draft.keys(...path) === null) return;
  const changes = draft.get(...path, 'changes') ?? 'none';
  if (changes === 'modified-column' && !draft.has(...path, 'modified'))
    draft.problem([...path, 'modified'], 'is missing: name the column that says when a row was last modified.');
  const only: readonly (readonly [string, string])[] = [
    ['modified', 'modified-column'],
    ['lag', 'modified-column'],
    ['log', 'log'],
    ['dependencies', 'log'],
  ];
  for (const [key, mode] of only) {
    if (changes === mode || !draft.has(...path, key)) continue;
    draft.problem([...path, key], `is only for changes: '${mode}': leave it out, or set changes.`);
  }
  const dependencies = draft.get(...path, 'dependencies');
  const tables = Array.isArray(dependencies)
    ? dependencies.map((_, at) => draft.text(...path, 'dependencies', at, 'table'))
    : [];
  const twice = tables.find((table, at) => table !== undefined && tables.indexOf(table) !== at);
  if (twice !== undefined)
    draft.problem([...path, 'dependencies'], `${shown(twice)} is there twice: join the two queries with "union".`);
  if (changes === 'log' && draft.has(...path, 'query') && tables.length === 0)
    draft.problem(
      [...path, 'dependencies'],
      'is missing: a query has no table of its own whose changes could be followed. Give the tables that it reads.',
    );
}

function scheduleRule(draft: Draft, path: Path): void {
  if (draft.keys(...path) === null) return;
  const has = (key: string) => draft.has(...path, key);
  if (has('timezone') && !has('cron'))
    draft.problem([...path, 'timezone'], 'is only for cron, and there is none: leave it out.');
  if (has('every') && has('cron')) draft.warn(path, 'has both every and cron; cron wins.');
}

function rebuildRule(draft: Draft, path: Path, nowMs: number): void {
  if (draft.has(...path) && draft.keys(...path) === null) return;
  const [cron, every, timezone] = ['cron', 'every', 'timezone'].map((key) => draft.text(...path, key));
  const has = (key: string) => draft.has(...path, key);
  if (!has('every') && !has('cron') && !has('freshFor'))
    draft.warn(path, 'is not scheduled; the index is built once, and then only by hand.');

  const freshFor = draft.text(...path, 'freshFor');
  const freshForMs = parseDuration(freshFor ?? '');
  const everyMs = parseDuration(every ?? '');
  const waitMs =
    cron === undefined ? everyMs : cronPeriodMs({ kind: 'cron', cron, timezone: timezone ?? 'UTC' }, nowMs);
  if (freshForMs === null || waitMs === null || freshForMs < waitMs) return;
  draft.warn(
    [...path, 'freshFor'],
    `${shown(freshFor)} is not shorter than the time between two firings: some end as \`fresh\`. Make it shorter, or schedule fewer.`,
  );
}

/** Between the next two firings; null when the expression is wrong, which is told elsewhere. */
function cronPeriodMs(schedule: Schedule & { kind: 'cron' }, nowMs: number): number | null {
  if (cronProblem(schedule.cron, schedule.timezone, nowMs) !== null) return null;
  const next = nextTick(schedule, nowMs);
  return nextTick(schedule, next) - next;
}

function workerRule(draft: Draft): void {
  const ms = (key: string, fallback: number) =>
    draft.has('worker', key) ? parseDuration(draft.text('worker', key) ?? '') : fallback;
  const lease = ms('lease', WORKER.lease);
  const batchTimeout = ms('batchTimeout', WORKER.batchTimeout);
  if (lease === null || batchTimeout === null || batchTimeout >= lease) return;
  draft.problem(
    ['worker', 'batchTimeout'],
    `${batchTimeout} ms is shorter than worker.lease, ${lease} ms: a slow batch would look like a death. Make it longer than the lease.`,
  );
}

function usersRule(draft: Draft): void {
  const users = draft.get('dashboard', 'users');
  if (!Array.isArray(users)) return;
  const names = users.map((_, at) => draft.text('dashboard', 'users', at, 'name'));
  const same = names.find((name, at) => name !== undefined && names.indexOf(name) !== at);
  if (same !== undefined) draft.problem(['dashboard', 'users'], `${shown(same)} is there twice.`);
  names.forEach((name, at) => {
    if (name?.startsWith('link:'))
      draft.problem(
        ['dashboard', 'users', at, 'name'],
        `${shown(name)} begins like whoever signs in by a link is called: give another name.`,
      );
  });
}

function unusedConnections(draft: Draft, indexes: readonly string[]): void {
  const used = indexes.flatMap((index) =>
    ['source', 'sink'].map((end) => draft.text('indexes', index, end, 'connection')),
  );
  for (const name of draft.keys('connections') ?? [])
    if (!used.includes(name)) draft.warn(['connections', name], 'is used by no index.');
}
