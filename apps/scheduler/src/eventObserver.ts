import type { Observer } from '@reindeer/engine';
import type { Logger } from '@reindeer/runtime';

/** The scheduler moves no documents: only events are worth telling. */
export function eventObserver(logger: Logger): Observer {
  return {
    documents: () => {},
    bytes: () => {},
    batch: () => {},
    throttled: () => {},
    event: (level, message, fields) => logger[level](fields, message),
  };
}
