/** Commands and options that are used wrongly. */
export const usageCodes = {} as const;
