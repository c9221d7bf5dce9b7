/**
 * What a session must be set to so that keys and documents have one text each (I10), whatever the server, the role or
 * the database says. A row's fingerprint depends on them too: changing one makes every stored document look stale.
 */
export const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'iso_8601',
  extra_float_digits: '1', // shortest text that reads back as the same float
  bytea_output: 'hex',
  lc_monetary: 'C',
  default_transaction_read_only: 'on',
  idle_in_transaction_session_timeout: '60000',
};
