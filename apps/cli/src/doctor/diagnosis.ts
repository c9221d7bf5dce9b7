/** `critical`: something does not work. `warning`: something will not, or loses something. `note`: good to know, nothing to do. */
export type Severity = 'critical' | 'warning' | 'note';

/** One thing that `doctor` found. */
export interface Diagnosis {
  readonly severity: Severity;
  /** null: the deployment, or a server that several indexes use. */
  readonly index: string | null;
  /** Short and stable: a reason, an error's code, or a finding's kind. */
  readonly code: string;
  readonly message: string;
  /** Since when; null: not known. */
  readonly since: string | null;
  /** The way out: a command, or SQL, a line each; null where the message says it, or nothing has to be done. */
  readonly remedy: string | null;
}

const ORDER: readonly Severity[] = ['critical', 'warning', 'note'];

/** The worst first; of one severity, what concerns everything before what concerns one index. */
export function worstFirst(findings: readonly Diagnosis[]): readonly Diagnosis[] {
  const place = ({ severity }: Diagnosis) => ORDER.indexOf(severity);
  return findings.toSorted((a, b) => place(a) - place(b) || (a.index ?? '').localeCompare(b.index ?? ''));
}

/** Whether somebody has to do something. */
export function needsSomebody(findings: readonly Diagnosis[]): boolean {
  return findings.some(({ severity }) => severity !== 'note');
}
