/** An error as OpenSearch and Elasticsearch tell it. */
export interface ServerFault {
  readonly type: string;
  readonly reason: string;
  readonly caused_by?: ServerFault;
}

/** Enough to say what is wrong; it goes into logs, the ledger and pages. */
const MAX_REASON_CHARACTERS = 2_000;

/** The server answered, and refused. */
export class ResponseError extends Error {
  readonly status: number;
  readonly type: string;
  readonly reason: string;
  readonly retryAfterMs: number | null;

  constructor(status: number, body: unknown, retryAfterMs: number | null) {
    const { type, reason } = faultOf(body, status);
    super(`${type}: ${reason}`);
    this.name = 'ResponseError';
    this.status = status;
    this.type = type;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What went wrong, the causes beneath it in the reason: the outermost says little. */
function faultOf(body: unknown, status: number): ServerFault {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  if (typeof error === 'string') return { type: `http_${status}`, reason: shorten(error) };
  if (typeof error !== 'object' || error === null) return { type: `http_${status}`, reason: `status ${status}` };
  const fault = error as Partial<ServerFault>;
  const reasons: string[] = [];
  for (let at: Partial<ServerFault> | undefined = fault; at !== undefined; at = at.caused_by) {
    if (typeof at.reason === 'string' && !reasons.includes(at.reason)) reasons.push(at.reason);
  }
  const type = typeof fault.type === 'string' ? shorten(fault.type) : `http_${status}`;
  return { type, reason: shorten(reasons.join(': ')) || `status ${status}` };
}

function shorten(reason: string): string {
  return reason.length <= MAX_REASON_CHARACTERS ? reason : `${reason.slice(0, MAX_REASON_CHARACTERS)}…`;
}
