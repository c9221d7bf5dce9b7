import { stableJson } from './stableJson.ts';

/** What of a definition decides its documents, as the ledger keeps it: a transform is its text. */
export interface DefinitionParts {
  readonly source: {
    readonly connection: string;
    readonly table: unknown;
    readonly query: string | null;
    readonly key: readonly string[];
    readonly columns: readonly string[] | null;
    readonly where: string | null;
    readonly deleted: string | null;
  };
  readonly sink: { readonly connection: string; readonly mappings: unknown; readonly settings: unknown };
  readonly transform: string | null;
  readonly revision: string | null;
}

export interface DefinitionChange {
  /**
   * `refresh`: the same rows make other documents, and a refresh of what is live writes them. `rebuild`: what is live
   * cannot become what the definition says.
   */
  readonly needs: 'nothing' | 'refresh' | 'rebuild';
  /** What changed, by its place in the configuration. */
  readonly because: readonly string[];
  /** Documents go by other ids, or come from elsewhere: nothing of the new definition can be written to the old generation. */
  readonly otherRows: boolean;
}

/** Names a place in a definition, what a change of it needs, and whether other rows come of it. */
const PLACES: readonly (readonly [string, (parts: DefinitionParts) => unknown, 'refresh' | 'rebuild', boolean])[] = [
  ['source.connection', ({ source }) => source.connection, 'rebuild', true],
  ['source.table', ({ source }) => source.table, 'rebuild', true],
  ['source.key', ({ source }) => source.key, 'rebuild', true],
  ['sink.connection', ({ sink }) => sink.connection, 'rebuild', true],
  ['sink.mappings', ({ sink }) => sink.mappings, 'rebuild', false],
  ['sink.settings', ({ sink }) => sink.settings, 'rebuild', false],
  ['source.query', ({ source }) => source.query, 'refresh', false],
  ['source.columns', ({ source }) => source.columns, 'refresh', false],
  ['source.where', ({ source }) => source.where, 'refresh', false],
  ['source.deleted', ({ source }) => source.deleted, 'refresh', false],
  ['transform', ({ transform }) => transform, 'refresh', false],
  ['revision', ({ revision }) => revision, 'refresh', false],
];

/** What a changed definition asks of a generation that was made by the one before, and why. */
export function definitionChange(before: DefinitionParts, after: DefinitionParts): DefinitionChange {
  const changed = PLACES.filter(([, of]) => stableJson(of(before) ?? null) !== stableJson(of(after) ?? null));
  return {
    needs: changed.some(([, , needs]) => needs === 'rebuild') ? 'rebuild' : changed.length > 0 ? 'refresh' : 'nothing',
    because: changed.map(([place]) => place),
    otherRows: changed.some(([, , , otherRows]) => otherRows),
  };
}
