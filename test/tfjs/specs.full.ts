import { smallestNetworks } from '../specs/smallest.js';
import { describeStages, narrow3D } from './spec-stages.js';

// Minutes on the plain JavaScript engine; what is larger is there with fewer channels.
describeStages([...smallestNetworks(), narrow3D], {
  wasm: Number.POSITIVE_INFINITY,
  native: Number.POSITIVE_INFINITY,
  cpu: 1e10,
});
