import { formatMoment, plural } from '../terminal/format.ts';
import { wrapText } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { type Diagnosis, needsSomebody, type Severity, worstFirst } from './diagnosis.ts';

const MARKS: Readonly<Record<Severity, string>> = { critical: '✖', warning: '!', note: '·' };

/**
 * For whoever was woken by it: how bad it is first, then each finding with the way out in a line of its own, to be copied.
 * What several indexes have alike is one.
 */
export function findingLines(
  findings: readonly Diagnosis[],
  isComplete: boolean,
  nowMs: number,
  colors: Colors,
  width: number,
): readonly string[] {
  const alike = [...Map.groupBy(worstFirst(findings), keyOf).values()];
  return [
    headline(
      alike.flatMap(([first]) => first ?? []),
      isComplete,
      colors,
    ),
    ...alike.flatMap((those) => ['', ...block(those, nowMs, colors, width)]),
  ];
}

function keyOf({ severity, code, message, remedy }: Diagnosis): string {
  return JSON.stringify([severity, code, message, remedy]);
}

function headline(findings: readonly Diagnosis[], isComplete: boolean, colors: Colors): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const [critical, warnings, notes] = [count('critical'), count('warning'), count('note')];
  const parts = [
    critical === 0 ? null : colors.red(`${formatted(critical)} broken`),
    warnings === 0 ? null : colors.yellow(plural(warnings, 'warning')),
    notes === 0 ? null : colors.dim(plural(notes, 'note')),
  ].filter((part) => part !== null);
  const unseen = isComplete ? '' : ' Not everything could be looked at.';
  if (!needsSomebody(findings))
    return `${colors.green('✔')} Nothing is wrong.${notes === 0 ? '' : ` ${parts.join(', ')}.`}${unseen}`;
  return `${parts.join(', ')}.${unseen}`;
}

function formatted(count: number): string {
  return count === 1 ? '1 thing' : plural(count, 'thing');
}

function block(those: readonly Diagnosis[], nowMs: number, colors: Colors, width: number): string[] {
  const [first] = those;
  if (first === undefined) return [];
  const { severity, code, message, since, remedy } = first;
  const paint = { critical: colors.red, warning: colors.yellow, note: colors.dim }[severity];
  const indexes = those.flatMap(({ index }) => index ?? []);
  const about = indexes.length === 0 ? '' : `${colors.bold(indexes.join(', '))} `;
  const when = since === null ? '' : colors.dim(` since ${formatMoment(since, nowMs)}`);
  const indented = (text: string) => wrapText(text, width - 2).map((line) => `  ${line}`);
  return [
    `${paint(MARKS[severity])} ${about}${paint(code)}${when}`,
    ...message.split('\n').flatMap(indented),
    // Not wrapped: it is to be copied.
    ...(remedy === null ? [] : remedy.split('\n').map((line) => `  ${colors.cyan(line)}`)),
  ];
}
