/**
 * Seconds since the snapshot of the last pass that was finished for the consumer `c`; null: none was. (`greatest` would make
 * 0 of that: no lag.)
 */
export const LAG_SECONDS = `(
  case when c.passed_at is not null then greatest(0, extract(epoch from clock_timestamp() - c.passed_at)) end)::float8`;
