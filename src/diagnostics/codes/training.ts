/** Trainings that cannot be started, resumed or finished. */
export const trainingCodes = {} as const;
