import { runCodes } from './training/runs.js';
import { splitCodes } from './training/splits.js';
import { stepCodes } from './training/steps.js';

/** Trainings that cannot be started, resumed or finished. */
export const trainingCodes = { ...stepCodes, ...splitCodes, ...runCodes } as const;
