import { documentId, InputError, type SourceDefinition } from '@reindeer/core';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import {
  inspectLog,
  installLog,
  type LogTarget,
  logTarget,
  openLogPool,
} from '../../../packages/connectors/src/postgres-log/index.ts';
import { openPostgresSource } from '../../../packages/connectors/src/postgres-source/index.ts';
import type { ChangeLog, Dependency, Position, Source } from '../../../packages/connectors/src/source.ts';
import { cityDefinition, openShop, type Shop } from './postgresShop.ts';

const signal = new AbortController().signal;

export const publicTable = (name: string) => ({ schema: 'public', name });

export const ANY_PACE = { maxDocuments: () => 1_000, maxBytes: 10_000_000, timeoutMs: 30_000 };

/** One index that follows its table, and how far it has come. */
export interface Follower {
  readonly source: Source;
  readonly log: ChangeLog;
  readonly target: LogTarget;
  readonly writer: Pool;
  install(): Promise<void>;
  /** The kinds of what is not as it must be. */
  findings(): Promise<string[]>;
  /** Takes a new position, and leaves out what was before. */
  skip(): Promise<Position>;
  /** Ids that changed since it last asked, those of dependencies with their name before; `!` for a refresh that is owed. */
  changed(): Promise<string[]>;
  close(): Promise<void>;
}

export interface FollowerOptions {
  readonly url: string;
  readonly definition?: Partial<SourceDefinition>;
  readonly dependencies?: readonly Dependency[];
  readonly schema?: string;
}

export function openFollower({
  url,
  definition = {},
  dependencies = [],
  schema = 'reindeer_log',
}: FollowerOptions): Follower {
  const whole = cityDefinition(definition);
  const writer = openLogPool(url);
  const source = openPostgresSource({
    connection: { name: 'shop', url },
    index: 'cities',
    fingerprint: 'first',
    definition: whole,
    changes: { kind: 'log', dependencies, writer, schema },
  });
  const { log } = source;
  if (log === null) throw new Error('The source follows nothing.');
  const target = logTarget({ connection: 'shop', index: 'cities', definition: whole, dependencies, schema, writer });
  let position: Position | undefined;
  const skip = async () => {
    position = await source.position(signal);
    return position;
  };
  return {
    source,
    log,
    target,
    writer,
    install: async () => {
      await installLog(target, null, signal);
    },
    findings: async () => (await inspectLog(target, null, signal)).map(({ kind }) => kind),
    skip,
    changed: async () => {
      const pass = await log.changes([position ?? (await skip())], ANY_PACE, signal);
      const seen = new Set<string>(pass.refreshOwed.map((why) => `!${why}`));
      for await (const page of pass.pages) {
        const before = page.dependency === null ? '' : `${page.dependency} `;
        for (const key of page.keys) seen.add(before + documentId(key));
        if (page.refreshOwed) seen.add(`${before}!`);
      }
      position = pass.upTo;
      return [...seen].sort();
    },
    close: async () => {
      await source.close();
      await writer.end();
    },
  };
}

type Options = Omit<FollowerOptions, 'url'>;

export interface FollowedShop extends Pick<Shop, 'run'> {
  readonly url: string;
  /** A follower that is closed after the test. */
  open(options?: Options): Follower;
  /** One whose log is installed, and which begins now. */
  follow(options?: Options): Promise<Follower>;
  /** Why its log cannot be installed. */
  refused(options: Options): Promise<unknown>;
}

/** For suites that follow tables of a database of their own. */
export function useFollowedShop(name: string): FollowedShop {
  let shop: Shop;
  const followers: Follower[] = [];
  beforeAll(async () => {
    shop = await openShop(name);
  });
  afterEach(async () => {
    await Promise.all(followers.splice(0).map((follower) => follower.close()));
  });
  afterAll(() => shop.close());

  const open = (options: Options = {}) => {
    const follower = openFollower({ url: shop.url, ...options });
    followers.push(follower);
    return follower;
  };
  return {
    get url() {
      return shop.url;
    },
    run: (sql) => shop.run(sql),
    open,
    follow: async (options = {}) => {
      const follower = open(options);
      await follower.install();
      expect(await follower.findings()).toEqual([]);
      await follower.skip();
      return follower;
    },
    refused: async (options) => {
      const error: unknown = await open(options)
        .install()
        .catch((thrown: unknown) => thrown);
      return error instanceof InputError ? error.code : error;
    },
  };
}
