/**
 * `city`, `public.city`, `"Weird Schema"."Weird Name"`: as SQL would read it, but without folding to lower case, because
 * a name that is written in a configuration is meant as it stands. null when it is no such name.
 */
export function parseTableName(text: string): { schema: string; name: string } | null {
  const part = '(?:"((?:[^"]|"")+)"|([^".]+))';
  const match = new RegExp(`^${part}(?:\\.${part})?$`).exec(text);
  if (match === null) return null;
  const [first, second] = [match[1]?.replaceAll('""', '"') ?? match[2], match[3]?.replaceAll('""', '"') ?? match[4]];
  if (first === undefined) return null;
  return second === undefined ? { schema: 'public', name: first } : { schema: first, name: second };
}
