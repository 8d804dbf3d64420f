import { runCodes } from './training/runs.js';
import { stepCodes } from './training/steps.js';

/** Trainings that cannot be started, resumed or finished. */
export const trainingCodes = { ...stepCodes, ...runCodes } as const;
