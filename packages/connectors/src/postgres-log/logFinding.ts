/** Something about the log that is not as it must be. */
export interface LogFinding {
  readonly kind:
    | 'log-missing'
    /** The log came with a dump of another server. */
    | 'log-restored'
    /** Made by another version of Reindeer. */
    | 'log-version'
    | 'table-missing'
    | 'trigger-missing'
    | 'trigger-disabled'
    | 'trigger-altered'
    | 'function-missing'
    | 'function-altered'
    | 'grant-missing';
  /** null: the log itself. */
  readonly table: { readonly schema: string; readonly name: string } | null;
  readonly message: string;
  /** What to run, in one transaction; the findings of one table have the same. */
  readonly remedy: readonly string[];
}
