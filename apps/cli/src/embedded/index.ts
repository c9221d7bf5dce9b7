export { type Account, serverAccount } from './account.ts';
export { freePort } from './freePort.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from './startEmbeddedPostgres.ts';
export { type SupervisedProcess, type SupervisedProcessOptions, startSupervised } from './supervisedProcess.ts';
