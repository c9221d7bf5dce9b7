import type { LoadedConfig, ResolvedConfig } from '@reindeer/config';
import { type ChangesCheck, type Connections, openConnections } from '@reindeer/connectors';
import type { IndexDefinition } from '@reindeer/core';
import { type OpenIndex, openIndexes } from '@reindeer/engine';
import { EXIT } from '../exit/exitCode.ts';
import { explainError } from '../exit/explainError.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import { deploymentFindings } from './deploymentFindings.ts';
import type { Diagnosis } from './diagnosis.ts';
import { followingFindings } from './followingFindings.ts';
import { indexFindings } from './indexFindings.ts';
import { type LedgerFacts, readLedgerFacts } from './ledgerFacts.ts';
import { logFindings } from './logFindings.ts';
import { sinkFindings } from './sinkFindings.ts';
import { transactionFindings } from './transactionFindings.ts';

export interface Examination {
  readonly findings: readonly Diagnosis[];
  /** false: a server did not answer, and what is behind it was not looked at. */
  readonly isComplete: boolean;
}

/** A server that hangs is told as such; nobody waits for it longer. */
const SERVER_LIMIT_MS = 20_000;

/** Looks at everything that the configuration names, and changes nothing. */
export async function examine({ config, warnings }: LoadedConfig, interrupted: AbortSignal): Promise<Examination> {
  const findings: Diagnosis[] = warnings.map((message) => note('configuration', null, message));
  let isComplete = true;
  const attempt: Attempt = async (index, work) => {
    const signal = AbortSignal.any([interrupted, AbortSignal.timeout(SERVER_LIMIT_MS)]);
    try {
      return await work(signal);
    } catch (error) {
      interrupted.throwIfAborted();
      const { code, message, exitCode } = explainError(error);
      if (exitCode !== EXIT.usage) isComplete = false;
      const said = signal.aborted ? `It did not answer within ${SERVER_LIMIT_MS / 1_000} s.` : message;
      findings.push({ severity: 'critical', index, code, message: said, since: null, remedy: remedyOf(code) });
      return null;
    }
  };
  const facts = await attempt(null, () => withDeployment(config, readLedgerFacts));
  const nowMs = facts?.clock.nowMs ?? Date.now();
  if (facts !== null) {
    const { liveness, limits, views } = facts.status;
    findings.push(...deploymentFindings({ ...facts, liveness, limits }));
    for (const view of views) {
      if (Object.hasOwn(config.indexes, view.index)) findings.push(...indexFindings(view, nowMs));
    }
  }
  const connections = openConnections(config.connections, { maxConnections: 2, clientName: 'reindeer-doctor' });
  const indexes = openIndexes(config.indexes, connections);
  try {
    for (const [name, definition] of Object.entries(config.indexes)) {
      const open = await attempt(name, () => indexes.open(name));
      if (open === null) continue;
      findings.push(...(await examineSource(open, connections, facts, attempt)));
      const again = () => withDeployment(config, readLedgerFacts);
      findings.push(...(await examineSink(open, definition, facts, again, attempt)));
    }
    findings.push(...(await examineTransactions(config, (name) => indexes.open(name), nowMs, attempt)));
  } finally {
    await indexes.close();
  }
  return { findings, isComplete };
}

/** null: it failed, and a finding says so. */
type Attempt = <T>(index: string | null, work: (signal: AbortSignal) => Promise<T>) => Promise<T | null>;

async function examineSource(
  { definition, source }: OpenIndex,
  connections: Connections,
  facts: LedgerFacts | null,
  attempt: Attempt,
): Promise<readonly Diagnosis[]> {
  const { name } = definition;
  const described = await attempt(name, (signal) => source.describe(signal));
  if (described === null) return [];
  const check = await attempt(name, (signal) => connections.checkChanges(definition, signal));
  // Its grants are wanting where it cannot be read, and that is told already.
  const isReadable = check !== null && !check.findings.some(({ kind }) => kind === 'grant-missing');
  const { log } = source;
  const size = isReadable && log !== null ? await attempt(name, (signal) => log.size(signal)) : null;
  const told = new Set(check?.warnings);
  const following =
    facts === null
      ? []
      : followingFindings({
          definition,
          consumers: facts.consumers.filter(({ index }) => index === name),
          generations: facts.standings.filter(({ index }) => index === name),
          identity: described.identity,
          size,
        });
  return [
    // Which database it is comes first: in a wrong one no log is to be installed.
    ...following,
    ...changesFindings(definition, check),
    ...described.warnings.filter((message) => !told.has(message)).map((message) => note('source', name, message)),
  ];
}

function changesFindings({ name, source }: IndexDefinition, check: ChangesCheck | null): readonly Diagnosis[] {
  if (check === null) return [];
  return [
    ...logFindings(name, source.connection, check.findings),
    ...check.warnings.map((message) => note('source', name, message)),
  ];
}

async function examineSink(
  { sink }: OpenIndex,
  { name }: IndexDefinition,
  facts: LedgerFacts | null,
  again: () => Promise<LedgerFacts>,
  attempt: Attempt,
): Promise<readonly Diagnosis[]> {
  const found = await attempt(name, async (signal) => {
    const warnings = await sink.check(name, signal);
    return { warnings, live: await sink.live(name, signal), held: await sink.list(name, signal) };
  });
  if (found === null) return [];
  const warnings = found.warnings.map((message) => note('sink', name, message));
  const compared = (ledger: LedgerFacts | null, { live }: Pick<typeof found, 'live'>) => {
    const known = ledger?.standings.filter(({ index }) => index === name) ?? [];
    return sinkFindings({ index: name, ...found, live, known, clock: ledger?.clock ?? null });
  };
  const first = compared(facts, found);
  if (!first.some(({ code }) => code === 'sink-moved')) return [...warnings, ...first];
  // The ledger was asked a while ago, and a swap may have been made since.
  const second = await attempt(name, async (signal) => ({ live: await sink.live(name, signal), facts: await again() }));
  return [...warnings, ...(second === null ? first : compared(second.facts, second))];
}

/** Once for each connection on which changes are followed. */
async function examineTransactions(
  config: ResolvedConfig,
  open: (index: string) => Promise<OpenIndex>,
  nowMs: number,
  attempt: Attempt,
): Promise<readonly Diagnosis[]> {
  const followed = Object.values(config.indexes).filter(({ source }) => source.changes !== 'none');
  const findings: Diagnosis[] = [];
  for (const [connection, indexes] of Map.groupBy(followed, ({ source }) => source.connection)) {
    const [first] = indexes;
    if (first === undefined) continue;
    const noteMs = Math.min(...indexes.map(({ rebuild }) => rebuild.maxLagMs));
    const transactions = await attempt(first.name, async (signal) =>
      (await open(first.name)).source.transactions(signal),
    );
    if (transactions !== null) findings.push(...transactionFindings(connection, transactions, noteMs, nowMs));
  }
  return findings;
}

function note(code: string, index: string | null, message: string): Diagnosis {
  return { severity: 'note', index, code, message, since: null, remedy: null };
}

/** Most errors name their remedy; these have a command. */
function remedyOf(code: string): string | null {
  return code === 'ledger-not-migrated' ? 'reindeer migrate' : null;
}
