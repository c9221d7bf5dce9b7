/** One series of a scrape. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Scrape {
  /** By the name of each metric: its type and help. */
  readonly types: ReadonlyMap<string, { readonly type: string; readonly help: string }>;
  readonly series: readonly Series[];
}

/** What an app's `/metrics` says; `headers`: how to be let in. */
export async function scrape(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Scrape> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${text}`);
  const types = new Map<string, { type: string; help: string }>();
  const series: Series[] = [];
  for (const line of text.split('\n')) {
    const about = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (about !== null) {
      const [, what, name = '', value = ''] = about;
      const known = types.get(name) ?? { type: '', help: '' };
      types.set(name, what === 'HELP' ? { ...known, help: value } : { ...known, type: value });
      continue;
    }
    const sample = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null) continue;
    const labels = [...(sample[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)];
    series.push({
      name: sample[1] ?? '',
      labels: Object.fromEntries(labels.map(([, name, value]) => [name, value])),
      value: Number(sample[3]),
    });
  }
  return { types, series };
}
