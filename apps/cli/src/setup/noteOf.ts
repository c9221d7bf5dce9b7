/** What `--note` says; null where it was not given. */
export function noteOf(options: Readonly<Record<string, unknown>>): string | null {
  return options.note === undefined ? null : String(options.note);
}
