import { stripVTControlCharacters } from 'node:util';

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. Default left. */
  readonly align?: 'left' | 'right';
  /** Left out where the terminal is too narrow, the last one first. Default false: kept, and cut if it must be. */
  readonly optional?: boolean;
}

const GAP = '  ';

const MIN_CUT = 8;

/** Lines of aligned columns under their titles, no longer than `width`; colours do not count as width. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  dim: (text: string) => string,
  width = Number.POSITIVE_INFINITY,
): string[] {
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...rows.map((row) => visibleWidth(row[at] ?? ''))),
  );
  const shown = fit(columns, widths, width);
  const line = (cells: readonly string[]) =>
    shown
      .map(({ at, cells: most }) => pad(cut(cells[at] ?? '', most), most, columns[at]?.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  return [dim(line(columns.map((column) => column.title))), ...rows.map(line)];
}

interface Shown {
  readonly at: number;
  cells: number;
}

/** Which columns there is room for, and how wide: optional ones go first, then the widest that are left are cut. */
function fit(columns: readonly Column[], widths: readonly number[], width: number): readonly Shown[] {
  const shown: Shown[] = widths.map((cells, at) => ({ at, cells }));
  const excess = () => shown.reduce((sum, { cells }) => sum + cells + GAP.length, -GAP.length) - width;
  while (excess() > 0) {
    const last = shown.findLastIndex(({ at }) => columns[at]?.optional === true);
    if (last === -1) break;
    shown.splice(last, 1);
  }
  while (excess() > 0) {
    const widest = shown.reduce((a, b) => (b.cells > a.cells ? b : a));
    if (widest.cells <= MIN_CUT) break;
    widest.cells = Math.max(MIN_CUT, widest.cells - excess());
  }
  return shown;
}

/** A text that is cut loses its colour with its end. */
function cut(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  return `${[...stripVTControlCharacters(text)].slice(0, width - 1).join('')}…`;
}

/** Lines of `name  value`, the values under one another, wrapped between words where `width` ends. */
export function renderFields(
  fields: readonly (readonly [name: string, value: string])[],
  dim: (text: string) => string,
  width = Number.POSITIVE_INFINITY,
): string[] {
  const names = Math.max(0, ...fields.map(([name]) => name.length));
  const indent = ' '.repeat(names + GAP.length);
  return fields.flatMap(([name, value]) =>
    wrapText(value, width - indent.length).map((line, at) =>
      at === 0 ? `${dim(name.padEnd(names))}${GAP}${line}` : `${indent}${line}`,
    ),
  );
}

/** A text in lines of at most `width`, broken between words; a word that is longer stays whole. */
export function wrapText(text: string, width = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && visibleWidth(last) + 1 + visibleWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

export function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blank = ' '.repeat(Math.max(0, width - visibleWidth(text)));
  return align === 'right' ? blank + text : text + blank;
}
