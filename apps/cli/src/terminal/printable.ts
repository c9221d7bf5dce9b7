// Colours are left: `\x1b[…m` can do nothing but colour.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const COMMANDS = /\x1b(?!\[[\d;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;

/**
 * The text without what a terminal would obey. Refused documents, notes and errors are printed as they are found, and who
 * wrote the row could otherwise rewrite what an operator sees, the window's title or the clipboard.
 */
export function printable(text: string): string {
  return text.replace(COMMANDS, '\uFFFD');
}
