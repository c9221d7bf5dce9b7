const MASK = '[redacted]';

const SECRET_NAME =
  '(?:passw(?:or)?d|passphrase|pwd|secret|token|authorization|cookie|api[-_]?key|private[-_]?key|credentials?)';
// A value as JSON, as JSON inside a JSON string, as `util.inspect`, YAML, a query string or libpq's `key=value` write it.
const VALUE = [
  String.raw`\\+"[^"]*?\\+"`,
  String.raw`"(?:[^"\\]|\\.)*"`,
  String.raw`'[^'\n]*'`,
  String.raw`\[[^\]]*\]`,
  // A header's value: scheme and secret.
  String.raw`(?:basic|bearer|digest|negotiate)\s+[^\s,;"'\\]+`,
  String.raw`[^\s,;&"'\\{}[\]]+`,
].join('|');

const NAMED_SECRET = new RegExp(String.raw`(${SECRET_NAME}[\w.-]{0,40}\\*["']?\s{0,3}[:=]\s{0,3})(?:${VALUE})`, 'gi');
// Each pattern begins with fixed text and has no unbounded prefix, so that a long line costs linear time.
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Up to the last @ of the word: a password may hold an unescaped @ or /, and showing too little is the safe mistake.
  [/:\/\/[^\s"'<>@/]*:[^\s"'<>\\]*@/g, `://${MASK}@`],
  // A header's list form, as node gives it: ["Authorization", "Bearer …"].
  [/(authorization\\*["'],\s{0,3}\\*["'])[^"'\\]*/gi, `$1${MASK}`],
  [/\b(bearer\s+)[\w.~+/-]{6,}=*/gi, `$1${MASK}`],
];

/**
 * The text without what signs anybody in: passwords, tokens, cookies, authorization headers, and the user part of
 * URLs. Works on plain text and on a line of JSON, which stays JSON. Rather hides too much than too little.
 */
export function redactText(text: string): string {
  let result = text.replace(NAMED_SECRET, maskValue);
  for (const [pattern, replacement] of PATTERNS) result = result.replace(pattern, replacement);
  return result;
}

/** Keeps the name and the way the value was quoted, so that JSON stays JSON. */
function maskValue(whole: string, name: string): string {
  const value = whole.slice(name.length);
  const quote = /^\\*["']/.exec(value)?.[0];
  if (quote !== undefined) return `${name}${quote}${MASK}${quote}`;
  // An unquoted value after a JSON name is a number, a truth value or a list.
  return /(?<!\\)"\s*:\s*$/.test(name) ? `${name}"${MASK}"` : `${name}${MASK}`;
}
