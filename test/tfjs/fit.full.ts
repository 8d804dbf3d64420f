import { describe } from 'vitest';
import { expectEqualTraining } from './equal-training.js';
import { smallNets } from './small-nets.js';

// fit.test.ts trains the networks for images.
describe.each(smallNets.filter(({ spec }) => spec.rank !== 2))('$name', expectEqualTraining);
