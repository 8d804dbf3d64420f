import { describe } from 'vitest';
import { expectEqualTraining } from './equal-training.js';
import { smallNets } from './small-nets.js';

// fit.full.ts trains the networks for volumes.
describe.each(smallNets.filter(({ spec }) => spec.rank === 2))('$name', expectEqualTraining);
