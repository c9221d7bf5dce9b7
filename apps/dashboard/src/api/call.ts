import type { ResolvedConfig } from '@reindeer/config';
import type { Ledger, Person } from '@reindeer/ledger';
import type { TaskQueue } from '@reindeer/queue';
import type { Request } from 'express';
import type { CommandContext } from '../commands/commandContext.ts';
import type { SCHEMAS } from './schemas.ts';

export interface CallContext {
  readonly config: ResolvedConfig;
  readonly ledger: Ledger;
  readonly queue: TaskQueue;
}

export type SchemaName = keyof typeof SCHEMAS;
export type QueryName = 'index' | 'lane' | 'state' | 'after' | 'limit';

interface Described {
  /** Below `/api/v1`, in OpenAPI's form. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
}

/** A call of the HTTP API that reads: what serves it and what `openapi.json` says of it. */
export interface ReadCall extends Described {
  readonly method: 'get';
  /** Names of query parameters; their schemas are in `openApi.ts`. */
  readonly query: readonly QueryName[];
  readonly answer: SchemaName;
  readonly handle: (context: CallContext, request: Request) => Promise<unknown>;
}

export interface CommandAnswer {
  readonly status: number;
  /** Where what was made is to be found. */
  readonly location?: string;
  /** When it may be asked for again. */
  readonly retryAfterSeconds?: number;
  readonly body: unknown;
}

/** A call that changes something: for operators only. */
export interface CommandCall extends Described {
  readonly method: 'post';
  /** The schema of its JSON body; null: it has none. */
  readonly body: SchemaName | null;
  /** May the body be left out? */
  readonly bodyOptional: boolean;
  /** Bytes that the body may have; more are refused unread. Default: 16 kB. */
  readonly maxBodyBytes?: number;
  /** Honours `Idempotency-Key`. */
  readonly keyed: boolean;
  /** By status. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema: SchemaName }>>;
  readonly handle: (context: CommandContext, request: Request, person: Person) => Promise<CommandAnswer>;
}

export type Call = ReadCall | CommandCall;
