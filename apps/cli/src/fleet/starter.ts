/** The starter's side of the channel is in `startMember.ts`. */
export interface ReadyMessage {
  readonly kind: 'ready';
  readonly details: Readonly<Record<string, string>>;
}

/** Was this process started by `dev` or `demo`? */
export function startedByFleet(): boolean {
  return process.channel !== undefined;
}

/** Tells them that this app works now. */
export function announceReady(details: Readonly<Record<string, string>>): void {
  process.send?.({ kind: 'ready', details } satisfies ReadyMessage);
}

/** Members have a process group of their own, so nothing else would end them when their starter is killed. */
export function endWithStarter(): void {
  if (startedByFleet()) process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
