import { describeOpenSearchSink } from './describeOpenSearchSink.ts';

await describeOpenSearchSink(3);
