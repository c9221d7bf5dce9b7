import type { IndexDefinition } from '@reindeer/core';

export type ConnectionDefinition = {
  readonly name: string;
  readonly kind: 'postgres' | 'opensearch' | 'elasticsearch';
  /** null, of `postgres` alone: `reindeer dev` and `reindeer demo` put an embedded server there; every other command refuses it. */
  readonly url: string | null;
  /** A file of certificates, absolute; of search servers alone. */
  readonly ca?: string;
};

export interface UserDefinition {
  readonly name: string;
  readonly password: string;
  readonly role: 'viewer' | 'operator';
}

/** A configuration with nothing optional left: durations in milliseconds, sizes in bytes, environment filled in. */
export interface ResolvedConfig {
  /** The file it came from, absolute. */
  readonly path: string;
  readonly ledger: { readonly url: string | null; readonly schema: string };
  readonly queue: { readonly url: string | null; readonly prefix: string };
  readonly connections: Readonly<Record<string, ConnectionDefinition>>;
  readonly indexes: Readonly<Record<string, IndexDefinition>>;
  readonly worker: {
    readonly concurrency: number;
    readonly leaseMs: number;
    readonly batchTimeoutMs: number;
    readonly turnMs: number;
    readonly drainTimeoutMs: number;
    readonly maxAttempts: number;
    readonly batch: {
      readonly maxDocuments: number;
      readonly maxBytes: number;
      readonly inFlight: number;
      readonly targetMs: number;
    };
  };
  readonly scheduler: { readonly sweepMs: number };
  readonly retention: { readonly runsMs: number; readonly generations: number; readonly failuresMs: number };
  readonly dashboard: {
    readonly host: string;
    readonly port: number;
    readonly users: readonly UserDefinition[];
    readonly metricsToken: string | null;
    readonly sessionMs: number;
  };
  readonly telemetry: { readonly host: string; readonly port: number };
  /** SHA-256 over the whole configuration without secrets: which configuration a process runs. */
  readonly fingerprint: string;
}
