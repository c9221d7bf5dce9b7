import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether an Authorization header carries this token; the time taken tells nothing about how much of it was right. */
export function hasBearerToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer (.+)$/i.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
