/** Files and folders that cannot be read or written. */
export const fileCodes = {} as const;
