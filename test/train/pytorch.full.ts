import { cases, describeSteps } from './pytorch-steps.js';

// pytorch.test.ts has the other half.
describeSteps(cases.filter((_, index) => index % 2 === 1));
