/** Which database a position is of, as an object; null where it does not say, as that of requested keys. */
export function identityOf(position: string): string {
  return `case when ${position} ? 'system'
               then jsonb_build_object('system', ${position} -> 'system', 'timeline', ${position} -> 'timeline') end`;
}
