/** A longer query is cut: nobody types it, and every word is a clause of which the server permits so many. */
const MAX_QUERY_LENGTH = 1_000;
const MAX_WORDS = 100;

/** What a person typed, in any field; never a syntax error. null: nothing to search for. */
export function textQuery(typed: string): object | null {
  const words = typed.slice(0, MAX_QUERY_LENGTH).replaceAll('\0', ' ').toWellFormed().split(/\s+/).slice(0, MAX_WORDS);
  const text = words.join(' ').trim();
  if (text === '') return null;
  return { simple_query_string: { query: text, default_operator: 'and', lenient: true } };
}
