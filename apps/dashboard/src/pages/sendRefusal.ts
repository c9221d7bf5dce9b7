import type { Request, Response } from 'express';
import { personOf } from '../access/signedIn.ts';
import { wantsPage } from '../access/wantsPage.ts';
import { type Problem, sendProblem } from '../api/problem.ts';
import { sendPage } from './page.ts';
import { problemPage } from './problemPage.ts';

/** A problem as whoever asked can read it: a page for a person, a problem document for a program. */
export function sendRefusal(request: Request, response: Response, body: Problem): void {
  if (wantsPage(request)) sendPage(response, body.status, problemPage(body, personOf(request.headers)));
  else sendProblem(response, body);
}
