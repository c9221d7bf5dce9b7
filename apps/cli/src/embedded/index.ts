export { type Account, serverAccount } from './account.ts';
export { freePort } from './free-port.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from './start-embedded-postgres.ts';
export { type SupervisedProcess, type SupervisedProcessOptions, startSupervised } from './supervised-process.ts';
