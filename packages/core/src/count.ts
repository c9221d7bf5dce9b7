/** A count for people: 138398 as `138,398`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
