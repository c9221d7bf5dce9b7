import { z } from 'zod';
import { note, text, urlProblem, wrong } from './values.ts';

const URLS = {
  postgres: { scheme: /^postgres(ql)?:\/\//, remedy: 'is no url of PostgreSQL: give postgres://…' },
  opensearch: { scheme: /^https?:\/\//, remedy: 'is no url of OpenSearch: give https://… or http://…' },
  elasticsearch: { scheme: /^https?:\/\//, remedy: 'is no url of Elasticsearch: give https://… or http://…' },
} as const;

const kindRemedy = "is no kind: give 'postgres', 'opensearch' or 'elasticsearch'";
const urlRemedy = 'give postgres://… or https://… by its kind';

/** A server. What its url must be depends on its kind. */
export const connectionSchema = z
  .strictObject({
    kind: z
      .enum(['postgres', 'opensearch', 'elasticsearch'], { error: (issue) => wrong(issue.input, kindRemedy) })
      .meta(
        note({
          description:
            'The kind of server: `postgres` as source or sink, `opensearch` (2 or newer) or `elasticsearch` (8 or newer) as sink.',
        }),
      ),
    url: z
      .string({ error: (issue) => wrong(issue.input, urlRemedy) })
      .default('')
      .meta(
        note({
          description:
            'postgres://…, or https://… and http://… of a search server, with `user:password@` and a path where it needs them.',
          default: 'none: only `dev` and `demo` start one, of PostgreSQL',
        }),
      ),
    ca: text("give a file, such as './ca.pem'")
      .optional()
      .meta(
        note({
          description:
            "A file of certificates (PEM) that a search server's own is checked by, from the configuration's folder on.",
          default: "the system's",
        }),
      ),
  })
  .superRefine(({ kind, url, ca }, context) => {
    const { scheme, remedy } = URLS[kind];
    const problem =
      url === '' && kind !== 'postgres'
        ? `is missing: ${remedy.replace(/^.*: /, '')}; \`dev\` starts no such server`
        : urlProblem(url, scheme, remedy);
    if (problem !== null) context.addIssue({ code: 'custom', path: ['url'], message: problem });
    if (ca !== undefined && kind === 'postgres') {
      const message = 'is for search servers: for PostgreSQL add sslmode and sslrootcert to the url';
      context.addIssue({ code: 'custom', path: ['ca'], message });
    }
  });
