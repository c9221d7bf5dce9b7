import { z } from 'zod';
import { duration, note, text, whole, wrong } from './values.ts';

/** The dashboard. */
export const dashboardSchema = z
  .strictObject({
    host: text('give a host')
      .default('127.0.0.1')
      .meta(note({ description: 'The address the dashboard listens on.', default: "'127.0.0.1'" })),
    port: whole(0, 65_535)
      .default(3_000)
      .meta(note({ description: 'Its port; 0: any.', default: '3000' })),
    users: z
      .array(
        z.strictObject({
          name: text('give a name').meta(note({ description: 'The name to sign in with.' })),
          password: z
            .string({ error: () => 'is no text: give a password' })
            .min(8, { error: () => 'is shorter than 8 characters: give a longer one' })
            .meta(note({ description: 'The password, best taken from the environment.' })),
          role: z
            .enum(['viewer', 'operator'], {
              error: (issue) => wrong(issue.input, 'is no role: give viewer or operator'),
            })
            .meta(note({ description: '`viewer` looks, `operator` also acts.' })),
        }),
      )
      .default([])
      .meta(note({ description: 'Who may sign in.', default: 'nobody: a one-time link is printed at start' })),
    metricsToken: z
      .string({ error: () => 'is no text: give a token in quotes, or leave it out' })
      .default('')
      .meta(note({ description: 'The bearer token that `/metrics` asks for.', default: 'none' })),
    session: duration({ min: '1m', max: '365d' })
      .default(12 * 3_600_000)
      .meta(
        note({
          description:
            'How long a sign-in lasts after its last use; at most 30 days, or this where it is longer, after it began.',
          default: "'12h'",
        }),
      ),
  })
  .prefault({});

/** Metrics and health of workers and schedulers. */
export const telemetrySchema = z
  .strictObject({
    host: text('give a host')
      .default('0.0.0.0')
      .meta(
        note({
          description: 'The address of `/metrics`, `/healthz` and `/readyz` of workers and schedulers.',
          default: "'0.0.0.0'",
        }),
      ),
    port: whole(0, 65_535)
      .default(9_464)
      .meta(note({ description: 'Its port; 0: any.', default: '9464' })),
  })
  .prefault({});
