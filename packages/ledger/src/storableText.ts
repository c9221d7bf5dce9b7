/**
 * A text as PostgreSQL can store it: it has no NUL and no half of a surrogate pair. Messages of foreign errors may hold
 * both, and a write that is refused for them would be refused for ever.
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
