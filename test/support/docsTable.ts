import { readFile } from 'node:fs/promises';

/** The rows of the first table below a heading of a page in docs/, each by the titles of its columns. */
export async function docsTable(page: string, heading: string): Promise<Record<string, string>[]> {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const below = text.split(/^#+ /m).find((section) => section.startsWith(`${heading}\n`));
  if (below === undefined) throw new Error(`docs/${page} has no heading "${heading}".`);
  const lines = below.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const end = lines.findIndex((line, at) => at > first && !line.startsWith('|'));
  const [titles = [], , ...rows] = lines.slice(first, end === -1 ? undefined : end).map(cells);
  return rows.map((row) => Object.fromEntries(titles.map((title, at) => [title, row[at] ?? ''])));
}

function cells(line: string): string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}
