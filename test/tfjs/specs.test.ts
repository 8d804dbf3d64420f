import { reducedNetworks } from '../specs/smallest.js';
import { describeStages, narrowNetworks } from './spec-stages.js';

// The plain JavaScript engine takes a second for 0.4 G multiply-adds; specs.full.ts has larger networks.
describeStages([...narrowNetworks, ...reducedNetworks()], {
  wasm: Number.POSITIVE_INFINITY,
  native: Number.POSITIVE_INFINITY,
  cpu: 1e8,
});
