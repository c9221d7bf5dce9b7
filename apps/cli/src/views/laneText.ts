/** `rebuild`, or `refresh 3` of a shard. */
export function laneText({ lane, shard }: { readonly lane: string; readonly shard: number | null }): string {
  return shard === null ? lane : `${lane} ${shard}`;
}
