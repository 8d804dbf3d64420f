import { reducedNetworks } from '../specs/smallest.js';
import { describeStages, narrowNetworks } from './spec-stages.js';

// The plain JavaScript engine takes a second for 0.4 G multiply-adds.
describeStages([...narrowNetworks, ...reducedNetworks()], {
  wasm: Number.POSITIVE_INFINITY,
  native: Number.POSITIVE_INFINITY,
  cpu: 4e8,
});
