/**
 * SQL: what was refused of the live generation `g` of the index `i`, by whichever lane, as an object; null: nothing. What the
 * feed was refused says of no generation; those of before the promotion are of another, or were compared before it.
 */
export const REFUSED_LATELY = `(
  select jsonb_build_object('documents', count(distinct few.document), 'run', max(few.run), 'lastAt', max(few.failed_at))
    from (select f.document, f.run, f.failed_at from failures f
           where f.index = i.index and f.failed_at > now() - interval '1 hour'
             and (f.generation = g.generation or f.generation is null and f.failed_at > g.promoted_at)
           order by f.failed_at desc limit 1000) few
  having count(*) > 0)`;
