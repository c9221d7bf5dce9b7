import { describeSink } from '../../../packages/connectors/src/conformance/sink.ts';
import { postgresSinkHarness } from './postgresSinkHarness.ts';

describeSink('PostgreSQL', {
  harness: postgresSinkHarness,
  capabilities: { versions: true, atomicSwap: true, adopts: false },
});
