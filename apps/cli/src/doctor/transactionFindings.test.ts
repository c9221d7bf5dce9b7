import type { OpenTransaction } from '@reindeer/connectors';
import { describe, expect, test } from 'vitest';
import { ago, brief, HOUR, NOW } from './testFindings.ts';
import { transactionFindings } from './transactionFindings.ts';

describe('open transactions', () => {
  const session: OpenTransaction = {
    kind: 'session',
    holds: 'watermark',
    pid: 4711,
    name: null,
    database: 'shop',
    user: 'app',
    application: 'billing',
    state: 'idle in transaction',
    ageMs: 720_000,
    behind: 12_345,
    grant: null,
  };
  const found = (...open: readonly OpenTransaction[]) => transactionFindings('shop', open, 10_000, NOW);

  test('that are long are a warning with who, where and since when', () => {
    expect(found(session)).toEqual([
      {
        severity: 'warning',
        index: null,
        code: 'transaction-open',
        message:
          'A transaction, open for 12 min: pid 4711, database shop, user app, application "billing", idle in transaction on connection shop. What it wrote is indexed when it ends; dead rows of the log stay until then.',
        since: ago(720_000),
        remedy: 'select pg_terminate_backend(4711);',
      },
    ]);
  });

  test('that are short are no finding; between the two, a note', () => {
    expect(brief(found({ ...session, ageMs: 9_999 }))).toEqual([]);
    expect(brief(found({ ...session, ageMs: 10_000 }))).toEqual([
      'note | transaction-open | select pg_terminate_backend(4711);',
    ]);
    expect(brief(found({ ...session, holds: 'vacuum' }))).toEqual([]);
    expect(brief(found({ ...session, holds: 'vacuum', ageMs: HOUR }))).toEqual([
      'warning | vacuum-held | select pg_terminate_backend(4711);',
    ]);
  });

  test('that are prepared, of a slot or of a standby have ends of their own', () => {
    const other = { ...session, pid: null, ageMs: null, behind: 2_000_000, user: null, application: null };
    expect(
      brief(
        found(
          { ...other, kind: 'prepared', name: "it's", state: null, ageMs: HOUR },
          { ...other, kind: 'slot', holds: 'vacuum', name: 'old', state: 'inactive' },
          { ...other, kind: 'standby', holds: 'vacuum', pid: 12, state: 'streaming' },
        ),
      ),
    ).toEqual([
      "warning | transaction-open | rollback prepared 'it''s';  -- or commit prepared, in database shop",
      "warning | vacuum-held | select pg_drop_replication_slot('old');",
      'warning | vacuum-held | End the long query on the standby, or set hot_standby_feedback = off there.',
    ]);
  });

  test('whose age is hidden are a note with the grant', () => {
    const grant = 'grant pg_read_all_stats to "reader";';
    expect(brief(found({ ...session, ageMs: null, state: null, grant }))).toEqual([`note | grant-missing | ${grant}`]);
  });
});
