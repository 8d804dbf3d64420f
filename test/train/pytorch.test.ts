import { cases, describeSteps } from './pytorch-steps.js';

// pytorch.full.ts has the other half.
describeSteps(cases.filter((_, index) => index % 2 === 0));
