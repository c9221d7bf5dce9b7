import { chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';

/** What is a server's own: its process and its slots; and the WAL, which a standby streams. */
const NOT_COPIED = ['postmaster.pid', 'postmaster.opts', 'pg_wal', 'pg_replslot'];

/** What a standby needs is there until it has started. */
const KEPT = `wal_keep_size = '512MB'`;

/**
 * Copies the data of a running embedded server, as pg_basebackup does (which npm's PostgreSQL does not have), into a place
 * from which an embedded server starts as its standby. `url`: of a superuser.
 */
export async function copyCluster(url: string, from: string, to: string): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await db.query(`alter system set ${KEPT}`);
    await db.query('select pg_reload_conf()');
    await db.query(`select pg_backup_start('standby', true)`);
    const data = path.join(to, 'data');
    mkdirSync(to, { recursive: true });
    copy(path.join(from, 'data'), data, NOT_COPIED);
    const { rows } = await db.query<{ label: string }>('select labelfile as label from pg_backup_stop(false)');
    const owner = statSync(data);
    const give = (file: string) => chownSync(path.join(data, file), owner.uid, owner.gid);
    for (const directory of ['pg_wal', 'pg_wal/archive_status', 'pg_replslot']) {
      mkdirSync(path.join(data, directory), { mode: 0o700 });
      give(directory);
    }
    const files = {
      backup_label: rows[0]?.label ?? '',
      'standby.signal': '',
      'postgresql.auto.conf': `${primaryOf(url)}${KEPT}\n`,
    };
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(path.join(data, file), text);
      give(file);
    }
    writeFileSync(path.join(to, 'secrets.json'), readFileSync(path.join(from, 'secrets.json')), { mode: 0o600 });
  } finally {
    await db.end();
  }
}

/** Files come and go while the server works; what is needed of those that have gone is in the WAL. */
function copy(from: string, to: string, leaveOut: readonly string[] = []): void {
  try {
    const found = statSync(from);
    if (found.isDirectory()) {
      mkdirSync(to, { mode: found.mode });
      for (const entry of readdirSync(from)) {
        if (!leaveOut.includes(entry)) copy(path.join(from, entry), path.join(to, entry));
      }
    } else copyFileSync(from, to);
    chownSync(to, found.uid, found.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function primaryOf(url: string): string {
  const { hostname, port, username, password } = new URL(url);
  return `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password}'\nwal_retrieve_retry_interval = '100ms'\n`;
}
