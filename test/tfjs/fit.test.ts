import { testFit } from './trained-alike.js';

testFit(8, 0.998);
