/** Engines that are missing or do not work. */
export const engineCodes = {} as const;
