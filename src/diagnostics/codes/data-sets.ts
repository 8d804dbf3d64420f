/** Data sets that cannot be used. */
export const dataSetCodes = {} as const;
