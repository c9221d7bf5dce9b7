import type { LogFinding } from '@reindeer/connectors';

/** What to do about one: grants as SQL, anything else by the command that installs, which also waits for no writer. */
export function logRemedy({ kind, remedy }: LogFinding, connection: string): readonly string[] {
  if (remedy.length === 0) return [];
  return kind === 'grant-missing' ? remedy : [`reindeer migrate --source --connection ${connection}`];
}
