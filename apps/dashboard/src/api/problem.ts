import { STATUS_CODES } from 'node:http';
import { InputError, REASONS, RefusedError, UnavailableError } from '@reindeer/core';
import type { LaneRefusal } from '@reindeer/engine';
import { redactText } from '@reindeer/runtime';
import type { Response } from 'express';
import { RunsRefused } from '../commands/RunsRefused.ts';
import { NotFound } from './NotFound.ts';

/** An RFC 9457 problem document. `code` is stable; `detail` is for people. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** On a refusal: why (I9). */
  readonly reason?: string;
  /** What stands in the way of each run that was asked for. */
  readonly refusals?: readonly LaneRefusal[];
}

export function problem(status: number, code: string, detail: string): Problem {
  return { type: `urn:reindeer:problem:${code}`, title: STATUS_CODES[status] ?? 'Error', status, code, detail };
}

export function sendProblem(response: Response, body: Problem): void {
  response.status(body.status).set('Cache-Control', 'no-store').type('application/problem+json');
  response.send(JSON.stringify(body));
}

/** What an error means to the one who sent the request; what only the log should tell becomes `internal`. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InputError) return problem(400, error.code, redactText(error.message));
  if (error instanceof NotFound) return problem(404, error.code, error.message);
  if (error instanceof RefusedError) {
    const title = REASONS[error.reason];
    const body = { ...problem(409, error.reason, redactText(error.message)), title, reason: error.reason };
    if (!(error instanceof RunsRefused)) return body;
    return { ...body, refusals: error.refusals.map((one) => ({ ...one, detail: redactText(one.detail) })) };
  }
  if (error instanceof UnavailableError) return problem(503, error.reason, redactText(error.message));
  if (isLostConnection(error)) {
    return problem(503, 'ledger-unavailable', 'The ledger does not answer. The log of the dashboard tells more.');
  }
  const status = clientError(error);
  if (status !== null) return problem(status, 'bad-request', redactText(badRequest(error as Error)));
  return problem(500, 'internal', 'An error inside the dashboard. Its log tells more.');
}

/** Errors of the connection to Postgres: of the socket, of the pool, and of a server that starts or stops. */
function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    /^(ECONN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|EAI_AGAIN|57P0|53300|08)/.test(code) ||
    /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/.test(error.message)
  );
}

/** The status of an error that Express or a body parser made for a bad request. */
function clientError(error: unknown): number | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? error.status : null;
}

/** What a body parser says has neither figures nor a remedy. */
function badRequest(error: Error & { readonly type?: unknown; readonly limit?: unknown }): string {
  switch (error.type) {
    case 'entity.too.large':
      return `The body is larger than the ${String(error.limit)} bytes that this call takes. Send less at once.`;
    case 'entity.parse.failed':
      return `The body is no JSON: ${error.message}.`;
    default:
      return error.message;
  }
}
